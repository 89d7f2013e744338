// mcp-remote: the bridge between clients that know stdio alone and a server like ours. The SDK speaks to
// its standard input, as Claude Desktop or Windsurf do.
import path from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { versionOf } from '../lib/matrix.mjs'
import { root } from '../lib/server.mjs'
import { text, walk } from './walk.mjs'

const program = path.join(root, 'tests/clients/node_modules/mcp-remote/dist/proxy.js')

async function open(desk, server) {
  const client = new Client({ name: 'bridged', version: '1.0.0' })
  const transport = new StdioClientTransport({ command: process.execPath, args: [program, server.mcp, '--auth-timeout', '60'], env: desk.env, stderr: 'ignore' })
  let connected
  return {
    async call(name, args) {
      await (connected ??= client.connect(transport))
      const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 30_000 })
      if (result.isError) throw new Error(text(result))
      return text(result)
    },
    close: () => client.close(),
  }
}

walk({ id: 'mcp_remote', name: 'mcp-remote', version: versionOf('mcp-remote', 'tests/clients') }, open, {
  step_up: 'yes, it asks the person for more',
  revoke: 'asks the person again, under the same registration',
})
