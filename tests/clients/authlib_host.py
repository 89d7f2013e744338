"""An MCP client of a few lines around Authlib, which knows OAuth and nothing of MCP: each line of its input is a
call of a tool, each line of its output the answer.

usage: authlib_host.py URL
"""

import http.server
import json
import sys
import urllib.parse
import webbrowser

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Connected")
        if self.path.startswith("/callback?"):
            self.server.path = self.path

    def log_message(self, *_):
        pass


class Host:
    def __init__(self, url):
        self.url = url
        self.listener = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        self.redirect = f"http://127.0.0.1:{self.listener.server_address[1]}/callback"
        challenge = requests.post(url, json={}, timeout=10).headers["WWW-Authenticate"]
        resource = requests.get(parameter(challenge, "resource_metadata"), timeout=10).json()
        self.resource = resource["resource"]
        issuer = resource["authorization_servers"][0]
        self.server = requests.get(f"{issuer}/.well-known/oauth-authorization-server", timeout=10).json()
        client = requests.post(
            self.server["registration_endpoint"],
            json={
                "client_name": "Authlib",
                "redirect_uris": [self.redirect],
                "grant_types": ["authorization_code", "refresh_token"],
                "token_endpoint_auth_method": "none",
            },
            timeout=10,
        ).json()
        self.session = OAuth2Session(
            client["client_id"],
            token_endpoint_auth_method="none",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            token_endpoint=self.server["token_endpoint"],
        )
        self.authorize(parameter(challenge, "scope"))

    def authorize(self, scope):
        verifier = generate_token(48)
        address, state = self.session.create_authorization_url(
            self.server["authorization_endpoint"], code_verifier=verifier, scope=scope, resource=self.resource
        )
        webbrowser.open(address)
        self.listener.path = None
        while not self.listener.path:
            self.listener.handle_request()
        answer = f"http://127.0.0.1{self.listener.path}"
        if dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer).query))["iss"] != self.server["issuer"]:
            raise ValueError("another issuer")
        self.session.fetch_token(authorization_response=answer, state=state, code_verifier=verifier, resource=self.resource)

    def post(self, name, arguments):
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}
        headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-11-25"}
        return self.session.post(self.url, json=message, headers=headers, timeout=10)

    def call(self, name, arguments):
        try:
            response = self.post(name, arguments)
        except OAuthError:  # its refresh was refused
            response = None
        if response is None or response.status_code in (401, 403):
            self.authorize(parameter(response.headers["WWW-Authenticate"], "scope") if response is not None else "mcp")
            response = self.post(name, arguments)
        response.raise_for_status()
        return response.json()["result"]["content"][0]["text"]


def parameter(challenge, name):
    return challenge.split(f'{name}="')[1].split('"')[0]


host = None
for line in sys.stdin:
    try:
        host = host or Host(sys.argv[1])
        answer = {"text": host.call(*json.loads(line))}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
