/** Which way a metric's name says is better, for a warning where the configuration says otherwise (src/config/gate-rules.ts). Never decides anything. */
import { parseMetricName } from './metric.ts'
import { withoutEnd } from './without-end.ts'

const MAXIMIZE = words(`
  acc accuracy auc auprc auroc bleu chrf dice f1 iou kappa map mcc miou mrr ndcg precision psnr r2 recall rouge
  sensitivity specificity ssim throughput
`)
const MINIMIZE = words(`
  brier cer duration ece error errors fid fnr fpr latencies latency logloss loss losses mae mape mase mse nll perplexity
  ppl rmse rmsle smape wape wer
`)
/** Units that say what a number is only at the end of a name: `rerank_ms`, but `ms_marco_map`. */
const LAST = words('ms millis milliseconds')
/**
 * Words that change what the others mean: `auc_gap`, `error_detection_rate`, scikit-learn's `neg_log_loss`, or `recall_negative`
 * of the negative class. A warning too few costs less than a wrong one.
 */
const TURNING = words(`
  budget change decrease delta detected detection deviation diff difference disparity drop free gap improvement increase
  lift margin minus neg negated negative recovered recovery reduction saved savings scale spread std stddev stderr target
  threshold tolerance variance weight
`)

/**
 * What a metric's name suggests, word by word: `val/logLoss` is a loss, `lossless_ratio` is not. undefined where the words say
 * nothing, or both, or where one of them turns the others.
 */
export function goalByName(metric: string): 'maximize' | 'minimize' | undefined {
  const named = wordsOf(parseMetricName(metric).base)
  if (named.some((word) => TURNING.has(word))) return undefined
  const last = named.at(-1)
  const isMore = named.some((word) => MAXIMIZE.has(word))
  const isLess = named.some((word) => MINIMIZE.has(word)) || (last !== undefined && LAST.has(last))
  if (isMore === isLess) return undefined
  return isMore ? 'maximize' : 'minimize'
}

/** `valMAE`, `F1Score`, `p95_latency_ms`, `recall@10`, `mAP50`: each word, and without the digits at its end, in lower case. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/(?<=[a-z]{2}|\d)(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .flatMap((word) => [word, withoutEnd(word, '0123456789')])
    .filter((word) => word !== '')
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/))
}
