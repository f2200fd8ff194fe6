"""The demo tool, as far as schemathesis needs it: tokens, line items, scores."""

import json
import secrets
import time
from pathlib import Path

import jwt
import requests

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = " ".join(SCOPE + name for name in ("lineitem", "lineitem.readonly", "result.readonly", "score"))


class Tool:
    def __init__(self, demo_file):
        self.demo = json.loads(Path(demo_file).read_text(encoding="utf-8"))
        self.key = Path(self.demo["tool"]["private_key_pem_file"]).read_text(encoding="ascii")
        self.context = self.demo["lineitems_url"].split("/")[-2]
        self.http = requests.Session()

    def assertion(self):
        client, now = self.demo["tool"]["client_id"], int(time.time())
        claims = {
            "iss": client,
            "sub": client,
            "aud": self.demo["token_url"],
            "iat": now,
            "exp": now + 3600,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.demo["tool"]["kid"]})

    def token(self):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(),
            "scope": SCOPES,
        }
        return self._sent(self.http.post(self.demo["token_url"], data=form))["access_token"]

    def use(self, token):
        self.http.headers["Authorization"] = f"Bearer {token}"

    def create(self):
        """A new line item; the last segment of its URL."""
        body = {"label": "For schemathesis", "scoreMaximum": 10}
        created = self._sent(self.http.post(self.demo["lineitems_url"], json=body))
        return created["id"].rsplit("/", 1)[1]

    def scored_item(self):
        """A new line item with a result; the last segment of its URL."""
        item = self.create()
        body = {
            "userId": "demo-learner-1",
            "scoreGiven": 4,
            "scoreMaximum": 5,
            "timestamp": "2026-01-01T00:00:00Z",
            "activityProgress": "Completed",
            "gradingProgress": "FullyGraded",
        }
        self._sent(self.http.post(f"{self.demo['lineitems_url']}/{item}/scores", json=body))
        return item

    @staticmethod
    def _sent(response):
        response.raise_for_status()
        return response.json()
