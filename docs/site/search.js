// The search box: what holds every word that was typed. Names come first, then headings, then sections
// of guides by what they say. Words that every question has are left out.
const form = document.querySelector('form.search')
const box = document.getElementById('search'), found = document.getElementById('found')
const most = 12
const filler = new Set(('a an and are as at be by can do does for from get have how i if in is it its me my of on one or ' +
  'should so that the there this to use when where which who why will with you your').split(' '))

function rank([title, about, , said = ''], words, typed) {
  const name = title.toLowerCase(), all = `${name} ${about.toLowerCase()}`
  if (name === typed) return 0
  if (words.every(word => name.includes(word))) return 1 + name.length / 1000
  if (words.every(word => all.includes(word))) return 3
  if (!words.every(word => all.includes(word) || said.includes(word))) return Infinity
  return 5 - words.filter(word => all.includes(word)).length / words.length
}

function search(text) {
  const typed = text.toLowerCase().split(/[\s?!,]+/).filter(Boolean), telling = typed.filter(word => !filler.has(word))
  // "threads" is to find "thread", too
  const words = telling.length ? telling.map(word => word.replace(/(...)s$/, '$1')) : typed
  if (!words.length) return []
  return window.pages.map(page => [rank(page, words, typed.join(' ')), page]).filter(([rank]) => rank < Infinity)
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
  found.replaceChildren(...pages.length ? [list] : box.value.trim() ? ['Nothing has all of these words.'] : [])
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
