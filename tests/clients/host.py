"""A host application around a Python client: each line of its input is a call of a tool, each line of
its output the answer.

usage: host.py mcp|fastmcp URL
"""

import asyncio
import json
import sys
import urllib.parse
import webbrowser
from contextlib import asynccontextmanager


class Listener:
    """Where the browser brings the answer back to."""

    async def start(self):
        self.answers = asyncio.Queue()
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
        return self

    async def answer(self, reader, writer):
        target = (await reader.readline()).split()[1].decode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nConnected")
        await writer.drain()
        writer.close()
        url = urllib.parse.urlsplit(target)
        if url.path == "/callback":
            await self.answers.put({key: values[0] for key, values in urllib.parse.parse_qs(url.query).items()})


class Memory:
    """What the SDK calls a token storage."""

    tokens = client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


@asynccontextmanager
async def official(url):
    import httpx2
    from mcp import Client
    from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared.auth import OAuthClientMetadata

    listener = await Listener().start()

    async def redirect(address):
        webbrowser.open(address)

    async def callback():
        answer = await listener.answers.get()
        return AuthorizationCodeResult(code=answer["code"], state=answer["state"], iss=answer.get("iss"))

    metadata = OAuthClientMetadata(
        client_name="Python SDK",
        redirect_uris=[listener.url],
        grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="none",
    )
    auth = OAuthClientProvider(url, metadata, Memory(), redirect, callback)
    async with httpx2.AsyncClient(auth=auth) as http:
        async with Client(streamable_http_client(url, http_client=http)) as client:
            yield client


@asynccontextmanager
async def fastmcp(url):
    from fastmcp import Client

    async with Client(url, auth="oauth") as client:
        yield client


async def lines():
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        yield json.loads(line)


async def main(kind, url):
    async with {"mcp": official, "fastmcp": fastmcp}[kind](url) as client:
        async for name, arguments in lines():
            try:
                result = await client.call_tool(name, arguments)
                answer = {"text": "\n".join(part.text for part in result.content)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


asyncio.run(main(*sys.argv[1:]))
