/** What the page does: it filters as one types. Without it all is there to read. */
export const script = `
'use strict'
{
  const byId = (id) => document.getElementById(id)
  const query = byId('query'), found = byId('found'), none = byId('none'), idle = found.innerHTML
  const entries = [...document.querySelectorAll('main article')].map((article) => ({ article }))
  const sections = [...document.querySelectorAll('main section')]
  const groups = [...document.querySelectorAll('nav details')]
  const links = new Map([...document.querySelectorAll('nav a')].map((link) => [decodeURIComponent(link.hash.slice(1)), link.parentElement]))
  const textOf = (entry) => (entry.text ??= entry.article.textContent.toLowerCase())
  const nameOf = (entry) => entry.article.querySelector('h3 a').textContent.toLowerCase()
  let first

  const filter = () => {
    const words = query.value.toLowerCase().split(/\\s+/).filter(Boolean)
    let count = 0, best = 0
    first = undefined
    for (const entry of entries) {
      const matches = words.every((word) => textOf(entry).includes(word))
      entry.article.hidden = !matches
      links.get(entry.article.id).hidden = !matches
      if (!matches) continue
      count++
      const name = nameOf(entry)
      const rank = words.length === 0 || name === words[0] ? 4 : name.startsWith(words[0]) ? 3 : name.includes(words[0]) ? 2 : 1
      if (rank > best) [best, first] = [rank, entry.article]
    }
    for (const section of sections) section.hidden = section.id === 'legend' ? words.length > 0 : !section.querySelector('article:not([hidden])')
    for (const group of groups) group.hidden = !group.querySelector('li:not([hidden])')
    none.hidden = count > 0
    if (words.length > 0) found.textContent = count + ' of ' + entries.length
    else found.innerHTML = idle
  }
  // What is hidden cannot be gone to.
  const follow = () => {
    const target = byId(decodeURIComponent(location.hash.slice(1)))
    if (!target?.hidden && !target?.closest('[hidden]')) return
    query.value = ''
    filter()
    target.scrollIntoView()
  }
  query.addEventListener('input', filter)
  query.form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (!first || query.value.trim() === '') return
    const url = '#' + encodeURIComponent(first.id)
    if (location.hash === url) first.scrollIntoView()
    location.hash = url
    first.focus({ preventScroll: true })
  })
  query.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    if (query.value === '') return query.blur()
    query.value = ''
    filter()
  })
  addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target === query) return
    event.preventDefault()
    query.focus()
    query.select()
  })
  addEventListener('hashchange', follow)
  addEventListener('beforeprint', () => document.querySelectorAll('main details').forEach((details) => (details.open = true)))
  byId('search').hidden = false
  if (matchMedia('(max-width: 52rem)').matches) groups.forEach((group) => (group.open = false))
  if (query.value !== '') filter()
}
`
