"""Signs requests that were received with botocore: one JSON object per line of standard input, one Authorization header per line of output."""

import datetime
import json
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    received = json.loads(line)
    scope = received["headers"]["authorization"].split("Credential=")[1].split(",")[0].split("/")
    _, _, region, service, _ = scope
    signed = received["headers"]["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    given = ("authorization", "x-amz-date", "x-amz-security-token")
    request = AWSRequest(
        method=received["method"],
        url=f"https://{received['headers']['host']}{received['path']}",
        data=received["body"].encode(),
        headers={name: received["headers"][name] for name in signed if name not in given},
    )
    auth = SigV4Auth(Credentials(**received["credentials"]), service, region)
    # What add_auth does, at the time of the request instead of now.
    request.context["timestamp"] = received["headers"]["x-amz-date"]
    datetime.datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    to_sign = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(to_sign, request))
    print(request.headers["Authorization"])
