// Coding agents, as their makers ship them: signed in by their own command, and asked for one tool call a
// process. What they take for a model is model.mjs. The servers that publish their metadata documents are out
// of reach of a test, so the server here takes none, and they register.
import fs from 'node:fs'
import path from 'node:path'
import { versionOf } from '../lib/matrix.mjs'
import { root } from '../lib/server.mjs'
import { Model } from './model.mjs'
import { walk } from './walk.mjs'

const modules = path.join(root, 'tests/clients/node_modules')
const claude = `@anthropic-ai/claude-code-linux-${process.arch}/claude`

function write(desk, file, content) {
  const where = path.join(desk.home, file)
  fs.mkdirSync(path.dirname(where), { recursive: true })
  fs.writeFileSync(where, typeof content === 'string' ? content : JSON.stringify(content))
}

const agents = {
  claude_code: {
    name: 'Claude Code', package: '@anthropic-ai/claude-code',
    run: (desk, args, typed) => desk.run(path.join(modules, claude), args, { typed, env: desk.settings, timeout: 40_000 }),
    async set(desk, server, model) {
      desk.settings = { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'none', ENABLE_TOOL_SEARCH: 'false', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' }
      await this.run(desk, ['mcp', 'add', '--transport', 'http', 'isteam', server.mcp])
    },
    signIn(desk) { return this.run(desk, ['mcp', 'login', 'isteam'], {}) },
    signOut(desk) { return this.run(desk, ['mcp', 'logout', 'isteam']) },
    ask(desk) { return this.run(desk, ['-p', 'Go on.', '--allowedTools', 'mcp__isteam']) },
  },
  codex: {
    name: 'Codex CLI', package: '@openai/codex',
    run: (desk, args) => desk.run(process.execPath, [path.join(modules, '@openai/codex/bin/codex.js'), ...args]),
    async set(desk, server, model) {
      write(desk, '.codex/config.toml', `
model = "scripted"
model_provider = "scripted"
mcp_oauth_credentials_store = "file"
[model_providers.scripted]
name = "scripted"
base_url = "${model.url}/v1"
wire_api = "responses"
[mcp_servers.isteam]
url = "${server.mcp}"
`)
    },
    signIn(desk) { return this.run(desk, ['mcp', 'login', 'isteam']) },
    signOut(desk) { return this.run(desk, ['mcp', 'logout', 'isteam']) },
    ask(desk) { return this.run(desk, ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'Go on.']) },
  },
  opencode: {
    name: 'OpenCode', package: 'opencode-linux-x64-baseline',
    run: (desk, args) => desk.run(path.join(modules, 'opencode-linux-x64-baseline/bin/opencode'), args),
    async set(desk, server, model) {
      write(desk, 'opencode.json', {
        model: 'scripted/scripted', small_model: 'scripted/scripted', autoupdate: false, share: 'disabled',
        provider: { scripted: { npm: '@ai-sdk/openai-compatible', name: 'scripted', options: { baseURL: `${model.url}/v1`, apiKey: 'none' }, models: { scripted: { name: 'scripted' } } } },
        mcp: { isteam: { type: 'remote', url: server.mcp, enabled: true } },
      })
    },
    signIn(desk) { return this.run(desk, ['mcp', 'auth', 'isteam']) },
    signOut(desk) { return this.run(desk, ['mcp', 'logout', 'isteam']) },
    ask(desk) { return this.run(desk, ['run', 'Go on.']) },
  },
  gemini_cli: {
    name: 'Gemini CLI', package: '@google/gemini-cli', window: 'yes, with a retry window: it refreshes several times at once',
    run: (desk, args, typed) => desk.run(process.execPath, [path.join(modules, '@google/gemini-cli/bundle/gemini.js'), '--approval-mode', 'yolo', '-m', 'scripted', '-p', ...args], { typed, env: desk.settings }),
    async set(desk, server, model) {
      desk.settings = { GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: model.url, GEMINI_CLI_TRUST_WORKSPACE: 'true' }
      write(desk, '.gemini/settings.json', {
        security: { auth: { selectedType: 'gemini-api-key' } }, privacy: { usageStatisticsEnabled: false }, general: { disableAutoUpdate: true },
        mcpServers: { isteam: { httpUrl: server.mcp, trust: true } },
      })
    },
    signIn(desk) { return this.run(desk, ['/mcp auth isteam'], { '[Y/n]': 'Y\r' }) },
    ask(desk) { return this.run(desk, ['Go on.']) },
  },
}

const opens = agent => async (desk, server) => {
  const model = await new Model().open()
  await agent.set(desk, server, model)
  let signedIn
  return {
    async call(tool, args = {}) {
      if (!signedIn) signedIn = await agent.signIn(desk)
      model.wishes(tool, args)
      const { text } = await agent.ask(desk)
      // The model is told of a refusal in words; an answer of ours is JSON.
      if (!/"(workspaces|cards?)\\*":/.test(model.result)) throw new Error(`${model.result ?? text}\nsigning in: ${signedIn.text}`)
      return model.result
    },
    // A narrower connection is let go of before there can be a wider one.
    async again({ leave }) {
      if (leave) await agent.signOut?.(desk)
      signedIn = await agent.signIn(desk)
    },
    close: () => model.close(),
  }
}

const expected = {
  claude_code: { step_up: 'the call never ends; after a new sign-in it succeeds', revoke: 'the call fails; the next sign-in works, under the same registration' },
  codex: { step_up: 'the call fails; after a new sign-in it succeeds', revoke: 'the call fails; the next sign-in works, with a new registration' },
  opencode: { step_up: 'the call fails; after a new sign-in it succeeds', revoke: 'the call fails; the next sign-in works, with a new registration' },
  gemini_cli: { step_up: 'the call fails; after a new sign-in it succeeds', revoke: 'the call fails; the next sign-in works, with a new registration' },
}

// OpenCode's program is there for one kind of processor.
for (const [id, agent] of Object.entries(agents).filter(([, agent]) => fs.existsSync(path.join(modules, agent.package))))
  walk({ id, name: agent.name, version: versionOf(agent.package, 'tests/clients'), options: ['--no-documents'], window: agent.window }, opens(agent), expected[id])
