// The documentation's site in a browser, opened from files as it is installed: how its pages look in light,
// dark and on a phone (build/screenshots/), whether everyone can use them, and its search.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { openBrowser, openWindow, screenshot } from '../lib/browser.mjs'
import { root } from '../lib/server.mjs'

const axe = fs.readFileSync(path.join(root, 'tests/node_modules/axe-core/axe.min.js'), 'utf8')
const html = path.join(root, 'build/docs/html')
const address = file => pathToFileURL(path.join(html, file)).href

const shown = { front: 'index.html', guide: 'embedding.html', reference: 'reference/config.html' }
const looks = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
  'phone-dark': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
}

let browser
before(async () => { browser = await openBrowser() })
after(() => browser?.close())

// A window that notes what no page of ours may do: ask for something that is no file, or complain.
async function watched(t, options) {
  const context = await openWindow(browser, options), faults = []
  t.after(() => context.close())
  context.on('request', request => { if (!/^(file|data):/.test(request.url())) faults.push(`asks for ${request.url()}`) })
  context.on('requestfailed', request => faults.push(`misses ${request.url()}`))
  const page = await context.newPage()
  page.on('console', message => faults.push(message.text()))
  page.on('pageerror', error => faults.push(String(error)))
  return { page, faults }
}

const overflow = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

for (const [look, options] of Object.entries(looks))
  describe(look, () => {
    for (const [name, file] of Object.entries(shown))
      test(name, async t => {
        const { page, faults } = await watched(t, options)
        await page.goto(address(file))
        assert.ok(await page.locator('main h1').innerText())
        assert.equal(await overflow(page), 0, 'wider than the window')
        const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
        const bright = paper.match(/\d+/g).map(Number)[0] > 127
        assert.equal(bright, options.colorScheme === 'light', paper)
        await screenshot(page, `docs-${name}-${look}`)
        assert.deepEqual(faults, [])
        await page.evaluate(axe)
        const { violations } = await page.evaluate(() => globalThis.axe.run({ preload: false }))
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join())]), [])
      })
  })

test('no page is wider than a phone', async t => {
  const { page, faults } = await watched(t, looks.phone)
  const files = fs.readdirSync(html, { recursive: true }).filter(file => file.endsWith('.html') && !file.startsWith('source'))
  assert.ok(files.length > 40, `${files.length} pages`)
  const wide = []
  for (const file of files) {
    await page.goto(address(file))
    if (await overflow(page)) wide.push(file)
  }
  assert.deepEqual(wide, [])
  assert.deepEqual(faults, [])
})

describe('search', () => {
  async function found(page, text) {
    await page.locator('#search').fill(text)
    return page.locator('#found a').evaluateAll(links => links.map(link => link.firstChild.textContent))
  }

  test('finds a function by its name, and Enter goes there', async t => {
    const { page } = await watched(t, looks.light)
    await page.goto(address('embedding.html'))
    assert.equal((await found(page, 'istauth_verify'))[0], 'istauth_verify')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${address('reference/verify.html')}#istauth_verify`)
    assert.ok(await page.locator('#istauth_verify').isVisible())
  })

  test('finds by several words, from a page in a folder, and says when there is nothing', async t => {
    const { page } = await watched(t, looks.phone)
    await page.goto(address('reference/verify.html'))
    assert.ok((await found(page, 'refresh rotate')).includes('istauth_store_ops.refresh_rotate'))
    await page.locator('#found a').first().click()
    await page.waitForURL(/reference\/\w+\.html#/)
    assert.deepEqual(await found(page, 'perpetuum mobile'), [])
    assert.match(await page.locator('#found').innerText(), /Nothing/)
    assert.equal(await overflow(page), 0)
  })

  test('finds what a question is about in what the guides say', async t => {
    const { page } = await watched(t, looks.light)
    await page.goto(address('index.html'))
    assert.ok((await found(page, 'Which store for several processes?')).slice(0, 5).includes('Which store'))
    assert.ok((await found(page, 'how do I use nginx')).slice(0, 3).includes('Behind a web server'))
    assert.ok((await found(page, '401 loop')).includes('When it does not work'))
    assert.ok((await found(page, 'threads')).includes('Threads, event loops and memory'))
    assert.notEqual((await found(page, 'to be')).length, 0)
  })

  test('is not offered where it would not work, and nothing else is lost', async t => {
    const { page } = await watched(t, { ...looks.light, javaScriptEnabled: false })
    await page.goto(address('index.html'))
    assert.equal(await page.locator('#search').isVisible(), false)
    await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'verify.h' }).click()
    await page.waitForURL(address('reference/verify.html'))
  })
})

test('a phone\'s contents are one step away', async t => {
  const { page } = await watched(t, looks.phone)
  await page.goto(address('reference/config.html'))
  await page.getByRole('link', { name: 'Contents' }).click()
  assert.ok(await page.locator('#menu h2').first().evaluate(head => head.getBoundingClientRect().top < innerHeight))
})
