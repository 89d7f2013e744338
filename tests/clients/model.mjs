// What a coding agent takes for a language model: it answers in the four dialects that they speak, and
// always the same: it calls the tool that the test wishes, hears the result, and is done.
import { once } from 'node:events'
import http from 'node:http'

// A tool of that name among those that were offered, however the client has named or grouped them.
function find(tools, wish) {
  for (const tool of tools ?? []) {
    const name = tool.function?.name ?? tool.name
    const inside = find(tool.tools ?? tool.functionDeclarations, wish)
    if (inside) return { ...inside, namespace: tool.tools ? name : undefined }
    if (name?.endsWith(wish)) return { name }
  }
}

// Each dialect: the tools of a request, its last message's tool result, and the answer's events.
const dialects = {
  '/v1/messages': {
    tools: body => body.tools,
    result: body => body.messages.at(-1).content?.filter?.(part => part.type === 'tool_result')[0]?.content,
    events: ({ call, say }) => {
      const block = call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: {} } : { type: 'text', text: '' }
      const delta = call ? { type: 'input_json_delta', partial_json: JSON.stringify(call.arguments) } : { type: 'text_delta', text: say }
      const usage = { input_tokens: 1, output_tokens: 1 }
      return [
        { type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'scripted', content: [], stop_reason: null, stop_sequence: null, usage } },
        { type: 'content_block_start', index: 0, content_block: block },
        { type: 'content_block_delta', index: 0, delta },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null }, usage },
        { type: 'message_stop' },
      ]
    },
  },
  '/v1/responses': {
    tools: body => body.tools,
    result: body => body.input.findLast?.(item => item.type === 'function_call_output')?.output,
    events: ({ call, say }) => {
      const item = call
        ? { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: call.name, namespace: call.namespace, arguments: JSON.stringify(call.arguments) }
        : { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: say, annotations: [] }] }
      const response = { id: 'resp_1', object: 'response', status: 'completed', output: [item], usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } }
      return [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] } },
        { type: 'response.output_item.done', output_index: 0, item },
        { type: 'response.completed', response },
      ]
    },
  },
  '/v1/chat/completions': {
    tools: body => body.tools,
    result: body => body.messages.at(-1).role === 'tool' ? body.messages.at(-1).content : undefined,
    events: ({ call, say }) => {
      const chunk = (delta, reason = null) => ({ id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'scripted', choices: [{ index: 0, delta, finish_reason: reason }] })
      const delta = call
        ? { role: 'assistant', tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: call.name, arguments: JSON.stringify(call.arguments) } }] }
        : { role: 'assistant', content: say }
      return [chunk(delta), chunk({}, call ? 'tool_calls' : 'stop'), '[DONE]']
    },
  },
  streamGenerateContent: {
    tools: body => body.tools,
    result: body => body.contents.at(-1).parts.find(part => part.functionResponse)?.functionResponse.response,
    events: ({ call, say }) => [{
      candidates: [{ content: { role: 'model', parts: [call ? { functionCall: { name: call.name, args: call.arguments } } : { text: say }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
    }],
  },
}

export class Model {
  async open() {
    this.server = http.createServer((request, response) => this.#serve(request, response)).listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    this.url = `http://127.0.0.1:${this.server.address().port}`
    return this
  }

  // From now on it calls this tool, once.
  wishes(tool, args) {
    Object.assign(this, { wish: { tool, arguments: args }, result: undefined, offered: [], asked: [] })
  }

  async #serve(request, response) {
    let text = ''
    for await (const piece of request) text += piece
    this.asked?.push(`${request.method} ${request.url}`)
    const { pathname } = new URL(request.url, this.url)
    const dialect = Object.entries(dialects).find(([end]) => pathname.endsWith(end))?.[1]
    if (!dialect) return response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    const answer = this.#answer(dialect, JSON.parse(text))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of dialect.events(answer))
      response.write(`${event.type ? `event: ${event.type}\n` : ''}data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`)
    response.end()
  }

  #answer(dialect, body) {
    const result = dialect.result(body)
    if (result !== undefined) this.result = typeof result === 'string' ? result : JSON.stringify(result)
    const tool = find(dialect.tools(body), this.wish.tool)
    this.offered.push(...(dialect.tools(body) ?? []).map(one => one.function?.name ?? one.name ?? one.type))
    if (result !== undefined || !tool) return { say: 'Done.' }
    return { call: { ...tool, arguments: this.wish.arguments } }
  }

  close() {
    this.server.close()
    this.server.closeAllConnections()
  }
}
