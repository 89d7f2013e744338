// The search box: names and headings that hold every word that was typed, names first.
const form = document.querySelector('form.search')
const box = document.getElementById('search'), found = document.getElementById('found')
const most = 12

function rank([title, about], words) {
  const name = title.toLowerCase(), all = `${name} ${about.toLowerCase()}`
  if (!words.every(word => all.includes(word))) return Infinity
  if (name === words.join(' ')) return 0
  if (words.every(word => name.includes(word))) return 1 + name.length / 1000
  return 3
}

function search(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return []
  return window.pages.map(page => [rank(page, words), page]).filter(([rank]) => rank < Infinity)
    .sort((a, b) => a[0] - b[0]).slice(0, most).map(([, page]) => page)
}

function show(pages) {
  const list = document.createElement('ul')
  for (const [title, about, url] of pages) {
    const link = document.createElement('a'), what = document.createElement('small')
    link.href = form.dataset.up + url
    link.textContent = title
    what.textContent = about
    link.append(what)
    list.append(Object.assign(document.createElement('li'), {}))
    list.lastChild.append(link)
  }
  found.replaceChildren(...pages.length ? [list] : box.value.trim() ? ['Nothing by that name.'] : [])
}

box.addEventListener('input', () => show(search(box.value)))
box.addEventListener('keydown', event => { if (event.key === 'Escape') { box.value = ''; show([]) } })
form.addEventListener('submit', event => {
  event.preventDefault()
  found.querySelector('a')?.click()
})
addEventListener('keydown', event => {
  if (event.key !== '/' || /^(input|textarea)$/i.test(document.activeElement.tagName)) return
  event.preventDefault()
  box.focus()
})
form.hidden = false
