"""AssumeRole with the standard library alone: the least that getting a session can cost.

    signed_request.py URL ROLE_ARN ACCESS_KEY_ID SECRET_ACCESS_KEY [TIMES]

Each answer is waited for before the next call. Source: AWS Signature Version 4,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import sys
import time
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

REGION, SERVICE = "us-east-1", "sts"
FORM = "application/x-www-form-urlencoded"


def digest(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def authorization(host: str, body: str, instant: str, key_id: str, secret: str) -> str:
    signed = "content-type;host;x-amz-date"
    payload = hashlib.sha256(body.encode()).hexdigest()
    headers = f"content-type:{FORM}\nhost:{host}\nx-amz-date:{instant}\n"
    canonical = f"POST\n/\n\n{headers}\n{signed}\n{payload}"
    scope = f"{instant[:8]}/{REGION}/{SERVICE}/aws4_request"
    whole = hashlib.sha256(canonical.encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = digest(key, part)
    signature = digest(key, f"AWS4-HMAC-SHA256\n{instant}\n{scope}\n{whole}").hex()
    return (
        f"AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed}, "
        f"Signature={signature}"
    )


def assume(url: str, role_arn: str, key_id: str, secret: str) -> str:
    body = urlencode(
        {
            "Action": "AssumeRole",
            "Version": "2011-06-15",
            "RoleArn": role_arn,
            "RoleSessionName": "bare",
        }
    )
    instant = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers = {
        "Content-Type": FORM,
        "X-Amz-Date": instant,
        "Authorization": authorization(urlsplit(url).netloc, body, instant, key_id, secret),
    }
    with urlopen(Request(url, body.encode(), headers), timeout=20) as answer:
        return answer.read().decode()


def main(url, role_arn, key_id, secret, times="1"):
    for _ in range(int(times)):
        if "<SecretAccessKey>" not in assume(url, role_arn, key_id, secret):
            sys.exit("no session in the answer")


if __name__ == "__main__":
    main(*sys.argv[1:])
