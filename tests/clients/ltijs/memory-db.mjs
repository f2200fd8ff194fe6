// A database plugin for ltijs that keeps everything in memory, so that the driver needs no MongoDB.
// The methods, and what they return, are those of the library's own dist/Utils/Database.js.

/** Is every member of the query the same in the document? No query: every document is. */
const matches = (document, query = {}) => Object.entries(query).every(([name, value]) => document[name] === value)

export default class MemoryDatabase {
  #collections = new Map()

  #documents (collection) {
    if (!this.#collections.has(collection)) this.#collections.set(collection, [])
    return this.#collections.get(collection)
  }

  async setup () {
    return true
  }

  async Close () {
    this.#collections.clear()
    return true
  }

  // The first argument of the next four is the encryption key, or false. It is not used: nothing leaves this process.

  /** All documents that match, or false when there is none. Copies, because the library writes into what it gets. */
  async Get (_key, collection, query) {
    const found = this.#documents(collection).filter(document => matches(document, query))
    return found.length > 0 && structuredClone(found)
  }

  /** `index` holds the members to search by, for collections whose items would be stored encrypted. */
  async Insert (_key, collection, item, index) {
    this.#documents(collection).push(structuredClone({ ...index, ...item, createdAt: Date.now() }))
    return true
  }

  async Replace (key, collection, query, item, index) {
    await this.Delete(collection, query)
    return this.Insert(key, collection, item, index)
  }

  async Modify (_key, collection, query, modification) {
    const document = this.#documents(collection).find(each => matches(each, query))
    if (document) Object.assign(document, structuredClone(modification))
    return true
  }

  async Delete (collection, query) {
    const kept = this.#documents(collection).filter(document => !matches(document, query))
    this.#collections.set(collection, kept)
    return true
  }
}
