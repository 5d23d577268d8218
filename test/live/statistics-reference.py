"""What SciPy says about pairs of samples: python statistics-reference.py cases.json. Asked by statistics.test.ts.

`welch` is scipy.stats.ttest_ind. `exact` is the same test with means and variances in rational arithmetic, so that only
Student's t itself is in floating point: the yardstick where the samples lie so far from 0 that means lose digits.
"""

import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
from scipy import special, stats

warnings.simplefilter("ignore")  # SciPy warns of equal samples, which are among the cases.


def moments(values):
    exact = [Fraction(value) for value in values]
    mean = sum(exact) / len(exact)
    return mean, sum((value - mean) ** 2 for value in exact) / (len(exact) - 1)


def exact_p(a, b):
    (mean_a, variance_a), (mean_b, variance_b) = moments(a), moments(b)
    part_a, part_b = variance_a / len(a), variance_b / len(b)
    together = part_a + part_b
    if together == 0:
        return 1.0 if mean_a == mean_b else 0.0
    degrees = together**2 / (part_a**2 / (len(a) - 1) + part_b**2 / (len(b) - 1))
    t = math.sqrt((mean_a - mean_b) ** 2 / together)
    return float(2 * special.stdtr(float(degrees), -t))


def half_width(values):
    _, variance = moments(values)
    return float(stats.t.ppf(0.975, len(values) - 1) * math.sqrt(variance / len(values)))


def holm(p_values):
    p = np.array(p_values)
    order = np.argsort(p)
    steps = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted.tolist()


def answer(case):
    welch = float(stats.ttest_ind(case["a"], case["b"], equal_var=False).pvalue)
    return {
        "welch": None if math.isnan(welch) else welch,
        "exact": exact_p(case["a"], case["b"]),
        "halfWidth": half_width(case["a"]),
    }


with open(sys.argv[1]) as file:
    asked = json.load(file)
print(
    json.dumps(
        {
            "pairs": [answer(case) for case in asked["pairs"]],
            "critical": [float(stats.t.ppf(0.975, degrees)) for degrees in asked["degrees"]],
            "holm": [holm(p_values) for p_values in asked["families"]],
        }
    )
)
