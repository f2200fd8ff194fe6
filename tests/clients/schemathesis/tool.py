"""The demo's clients, as far as schemathesis needs them: the tool with its line items and scores, the LMS with its course."""

import json
import secrets
import time
from pathlib import Path

import jwt
import requests
from jwt.algorithms import RSAAlgorithm

SCOPE = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPES = " ".join(SCOPE + name for name in ("lineitem", "lineitem.readonly", "result.readonly", "score"))

# The course of the LMS; the other tool and the other link are there to be changed and removed.
CONTEXT, TOOL, OTHER, LINK, USER = "schemathesis", "schemathesis-tool", "other-tool-2", "quiz", "learner"


class Client:
    """A client of the demo, by its name there."""

    def __init__(self, demo_file, name):
        self.demo = json.loads(Path(demo_file).read_text(encoding="utf-8"))
        self.own = self.demo[name]
        self.key = Path(self.own["private_key_pem_file"]).read_text(encoding="ascii")
        self.http = requests.Session()

    def assertion(self):
        client, now = self.own["client_id"], int(time.time())
        claims = {
            "iss": client,
            "sub": client,
            "aud": self.demo["token_url"],
            "iat": now,
            "exp": now + 3600,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.own["kid"]})

    def token(self, scope):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(),
            "scope": scope,
        }
        return self._sent(self.http.post(self.demo["token_url"], data=form))["access_token"]

    def use(self, token):
        self.http.headers["Authorization"] = f"Bearer {token}"

    @staticmethod
    def _sent(response):
        response.raise_for_status()
        return response.json()


class Tool(Client):
    """The demo tool."""

    def __init__(self, demo_file):
        super().__init__(demo_file, "tool")
        self.context = self.demo["lineitems_url"].split("/")[-2]

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


class Lms(Client):
    """The demo LMS, with a course of its own for schemathesis, in which nothing is missed."""

    def __init__(self, demo_file):
        super().__init__(demo_file, "lms")
        self.scope = self.demo["issuer"] + "/scope/platform"

    def jwks(self):
        """The public half of its key; as good as any for a tool that never asks for a token."""
        private = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(self.key)
        return {"keys": [json.loads(RSAAlgorithm.to_jwk(private.public_key())) | {"use": "sig", "alg": "RS256"}]}

    def prepare(self):
        """Makes the course with a tool, a link and a grade; the last segment of its line item's URL."""
        place = f"contexts/{CONTEXT}/tools/{TOOL}"
        for tool in (TOOL, OTHER):
            self._put(f"tools/{tool}", {"name": tool, "deployments": ["1"], "jwks": self.jwks()})
        self._put(f"contexts/{CONTEXT}", {"title": "For schemathesis"})
        self._put(place, {"deployment": "1"})
        link = self._put(f"{place}/links/{LINK}", {"title": "For schemathesis"})
        self._put(f"{place}/links/{LINK}/progress/{USER}", {"status": "completed", "percentage": 50})
        return link["line_item_url"].rsplit("/", 1)[1]

    def _put(self, path, body):
        return self._sent(self.http.put(f"{self.demo['platform_url']}/{path}", json=body))
