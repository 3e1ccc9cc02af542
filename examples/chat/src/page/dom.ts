// The little of a framework that the page needs.

/** The element of this id. @throws Error when index.html has none, or one of another type. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id)
  if (found instanceof type) return found
  throw new Error(`index.html has no ${type.name} with the id ${id}.`)
}

/** Makes an element. What people wrote goes in as text, never as markup. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...children)
  return made
}

/** Sets an element's text if it differs: a live region speaks at each change, also to the same. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export interface KeyedOptions<Item> {
  readonly key: (item: Item) => string
  readonly make: (item: Item) => HTMLElement
  readonly update?: (element: HTMLElement, item: Item) => void
}

/** Makes a list's children those of `items`, and leaves alone what is there already: its focus, its announcements. */
export function showKeyed<Item>(list: HTMLElement, items: readonly Item[], options: KeyedOptions<Item>): void {
  const old = new Map(Array.from(list.children, (child) => [(child as HTMLElement).dataset['key'], child]))
  let next = list.firstElementChild
  for (const item of items) {
    const key = options.key(item)
    let child = old.get(key) as HTMLElement | undefined
    old.delete(key)
    if (!child) {
      child = options.make(item)
      child.dataset['key'] = key
    }
    options.update?.(child, item)
    if (child === next) next = next.nextElementSibling
    else list.insertBefore(child, next)
  }
  for (const child of old.values()) child.remove()
}
