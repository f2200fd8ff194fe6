// Drives a running service with ltijs, the library as its authors published it.
//
//     node drive.mjs demo.json
//
// The library's own Grade service asks for the tokens and makes every call: one token per operation, no Accept header
// on single line items, filters and limits in the query. Exit status 1 at the first answer that is wrong.

import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import ltijs from 'ltijs'
import { RUN, SCOPE, SCOPES, assertLineItem, ids, main, step } from '../steps.mjs'
import MemoryDatabase from './memory-db.mjs'

const lti = ltijs.Provider

/** Asserts that the call is answered with this status. */
const refused = (call, status) => assert.rejects(call, error => {
  assert.equal(error.response?.statusCode, status, `${error.message}, expected ${status}`)
  return true
})

/** All pages of a listing: `first` asks for the first one, `follow` for the one at a next URL. */
async function pages (first, follow) {
  const all = [await first()]
  const seen = new Set()
  for (let next = all[0].next; next; next = all.at(-1).next) {
    assert(!seen.has(next), `the next links lead back to ${next}`)
    seen.add(next)
    all.push(await follow(next))
  }
  return all
}

/** Sets the library up without a port and without a launch; gives what a launch would leave in `res.locals.token`. */
async function start (demo) {
  const db = new MemoryDatabase()
  lti.setup('not a secret: nothing is stored', { plugin: db })
  await lti.deploy({ serverless: true, silent: true })
  // `lti.registerPlatform` always makes a key pair of its own, which the service could not know. These are the three
  // records that it would have written, with the key of the demo.
  const { client_id: clientId, kid, private_key_pem_file: file } = demo.tool
  const platform = { platformUrl: demo.issuer, clientId }
  const privateKey = createPrivateKey(readFileSync(file))
  const publicPem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
  const privatePem = privateKey.export({ type: 'pkcs1', format: 'pem' })
  await db.Insert(true, 'privatekey', { key: privatePem, kid }, { ...platform, kid })
  await db.Insert(true, 'publickey', { key: publicPem, kid }, { ...platform, kid })
  await db.Insert(false, 'platform', {
    ...platform,
    platformName: 'demo',
    authEndpoint: demo.issuer,
    accesstokenEndpoint: demo.token_url,
    kid,
    authConfig: { method: 'JWK_SET', key: demo.jwks_url }
  })
  return {
    iss: demo.issuer,
    clientId,
    user: demo.users[0],
    platformContext: {
      endpoint: {
        scope: SCOPES,
        lineitems: demo.lineitems_url,
        lineitem: demo.lineitem_url
      },
      resource: { id: demo.resource_link_id }
    }
  }
}

async function drive (demo) {
  const launch = await start(demo)
  const grades = lti.Grade
  const [firstUser, secondUser] = demo.users
  const create = (item, options) => grades.createLineItem(launch, { scoreMaximum: 6, ...item }, options)
  const list = options => grades.getLineItems(launch, options)
  const listed = async options => ids((await list(options)).lineItems)
  const cleanUp = []

  await step('gets a token for each kind of operation', async () => {
    const platform = await lti.getPlatform(demo.issuer, launch.clientId)
    for (const names of ['lineitem', 'lineitem.readonly', 'score', 'score lineitem', 'lineitem.readonly result.readonly']) {
      const scopes = names.split(' ').map(name => SCOPE + name)
      const token = await platform.platformAccessToken(scopes.join(' '))
      assert.equal(token.token_type, 'Bearer')
      assert(Number.isInteger(token.expires_in) && token.expires_in > 0, `expires_in: ${token.expires_in}`)
      assert.deepEqual(token.scope?.split(' ').sort(), scopes.sort(), 'scope')
    }
  })

  await step('reads the line item that the launch names', async () => {
    const item = await grades.getLineItemById(launch, demo.lineitem_url)
    assert.equal(item.id, demo.lineitem_url)
    assert.equal(item.resourceLinkId, demo.resource_link_id)
  })

  const resourceId = `Paging Übung ${RUN}`
  let made
  await step('creates five line items with tags of their own', async () => {
    const items = []
    for (let n = 0; n < 5; n++) items.push(await create({ label: `Page ${n}`, tag: `Page ${n} ${RUN}`, resourceId }))
    made = ids(items)
    cleanUp.push(...made)
    assert.equal(new Set(made).size, 5)
  })

  for (const [what, filter] of [['all line items', {}], ['filtered line items', { resourceId }]]) {
    await step(`follows the next links over ${what}, two at a time`, async () => {
      const all = await pages(() => list({ ...filter, limit: 2 }), url => list({ url }))
      const lengths = all.map(page => page.lineItems.length)
      assert(lengths.length >= 3 && lengths.every(length => length >= 1 && length <= 2), `lengths of the pages: ${lengths}`)
      const seen = ids(all.flatMap(page => page.lineItems))
      assert.equal(new Set(seen).size, seen.length, 'no line item twice')
      assert.deepEqual(seen.filter(id => made.includes(id)), made)
      if (filter.resourceId) assert.deepEqual(seen, made, 'nothing but what was asked for')
    })
  }

  await step('a page that holds all has no next', async () => {
    const page = await list({ resourceId, limit: 5 })
    assert.deepEqual([page.lineItems.length, page.next], [5, undefined])
  })

  // Blanks, a plus, an ampersand, and "u" with a combining diaeresis: all of it is sent as is, and in queries too.
  const wanted = {
    label: 'Übung 3: “Maß & Größe” <☃>',
    scoreMaximum: 6,
    resourceId: `Aufgabe 7/b & Größe=100% #1 + ${RUN}`,
    tag: `C++ Mixed Case Gru\u0308n ${RUN}`,
    startDateTime: '2026-09-01T08:00:00Z',
    endDateTime: '2027-02-15T23:59:59.500+01:00'
  }
  let item
  await step('creates a line item and reads every member back', async () => {
    // A platform may ignore these members, but not refuse them.
    const optional = {
      gradesReleased: true,
      submissionReview: { reviewableStatus: ['Completed'], label: 'Review' },
      'https://tool.example/extension': { a: [1] }
    }
    item = await create({ ...wanted, ...optional })
    cleanUp.push(item.id)
    assertLineItem(item, wanted)
    const read = await grades.getLineItemById(launch, item.id)
    assertLineItem(read, { ...wanted, id: item.id })
    assert.deepEqual(read, item, 'what was answered on creation')
  })

  let bound
  await step('creates a line item bound to the resource link', async () => {
    bound = await create({ label: 'Bound', tag: `Bound ${RUN}` }, { resourceLinkId: true })
    cleanUp.push(bound.id)
    const expected = { label: 'Bound', tag: `Bound ${RUN}`, resourceLinkId: demo.resource_link_id }
    assertLineItem(bound, expected)
    assertLineItem(await grades.getLineItemById(launch, bound.id), expected)
  })

  await step('finds line items by tag, resource id, resource link and id', async () => {
    assert.deepEqual(await listed({ tag: wanted.tag }), [item.id])
    assert.deepEqual(await listed({ tag: wanted.tag.toLowerCase() }), [], 'tags differ by case')
    assert.deepEqual(await listed({ tag: wanted.tag.normalize('NFC') }), [], 'tags are compared as they are')
    assert.deepEqual(await listed({ resourceId: wanted.resourceId }), [item.id])
    assert.deepEqual(await listed({ resourceId: wanted.resourceId, tag: wanted.tag }), [item.id])
    assert.deepEqual(await listed({ resourceId: wanted.resourceId, tag: bound.tag }), [], 'all filters count')
    assert.deepEqual(await listed({ resourceLinkId: true, tag: bound.tag }), [bound.id])
    assert.deepEqual(await listed({ resourceLinkId: true, tag: wanted.tag }), [])
    assert.deepEqual(await listed({ id: item.id }), [item.id])
    assert.deepEqual(await listed({ label: wanted.label, tag: wanted.tag }), [item.id])
  })

  const results = async options => (await grades.getScores(launch, item.id, options)).scores
  const submit = (score, id = item.id) =>
    grades.submitScore(launch, id, { activityProgress: 'Completed', gradingProgress: 'FullyGraded', ...score })
  async function assertResult (userId, { score, maximum = 6, comment }) {
    const rows = await results({ userId })
    assert.equal(rows.length, 1, `results of ${userId}`)
    const [row] = rows
    assert.equal(row.resultScore, score, 'resultScore')
    assert.equal(row.resultMaximum, maximum, 'resultMaximum')
    assert.equal(row.userId, userId)
    assert.equal(row.scoreOf, item.id)
    assert(row.id?.startsWith(`${item.id}/results/`), `id of the result: ${row.id}`)
    // Every score replaces the comment of the one before, also by having none.
    assert.equal(row.comment || undefined, comment, 'comment')
  }

  await step('has no results before the first score', async () => {
    assert.deepEqual(await results(), [])
    assert.deepEqual(await results({ userId: firstUser }), [])
  })

  const comment = 'Sehr schön, Zoë! 5½ Punkte – 頑張って 🎉'
  for (const [what, score, expected] of [
    // Without a maximum the library reads the line item's first; without a user it takes the one of the launch.
    ['0, for the user and the maximum that the library fills in', { scoreGiven: 0 }, { score: 0 }],
    ['1 of 3 on a line item of 6', { scoreGiven: 1, scoreMaximum: 3, comment: 'a middle value' }, { score: 2, comment: 'a middle value' }],
    ['7.5 of 6, extra credit', { scoreGiven: 7.5, scoreMaximum: 6 }, { score: 7.5 }],
    ['5.5 of 6 with a comment in several scripts', { scoreGiven: 5.5, scoreMaximum: 6, comment }, { score: 5.5, comment }]
  ]) {
    await step(`posts ${what} and reads it back`, async () => {
      await submit(score)
      await assertResult(firstUser, expected)
    })
  }

  await step('posts for a second user, and holds exactly one result for each', async () => {
    await submit({ userId: secondUser, scoreGiven: 3, scoreMaximum: 6, 'https://tool.example/extension': { a: [1] } })
    await assertResult(secondUser, { score: 3 })
    await assertResult(firstUser, { score: 5.5, comment })
    const rows = await results()
    assert.deepEqual(rows.map(row => row.userId).sort(), [firstUser, secondUser].sort())
    assert.equal(new Set(ids(rows)).size, 2)
    assert.deepEqual(await results({ userId: `nobody ${RUN}` }), [])
  })

  await step('follows the next links over the results, one at a time', async () => {
    const all = await pages(() => grades.getScores(launch, item.id, { limit: 1 }), url => grades.getScores(launch, item.id, { url }))
    assert.deepEqual(all.map(page => page.scores.length), [1, 1])
    assert.deepEqual(all.map(page => page.scores[0].userId).sort(), [firstUser, secondUser].sort())
  })

  await step('replaces a line item, and its results follow the new maximum', async () => {
    // No id and no tag in the body: the first is not needed, the second is thereby unset.
    const update = { label: 'Replaced', scoreMaximum: 12, resourceId: `Replaced ${RUN}` }
    const answer = await grades.updateLineItemById(launch, item.id, update)
    assertLineItem(answer, { ...update, id: item.id })
    assertLineItem(await grades.getLineItemById(launch, item.id), { ...update, id: item.id })
    assert.deepEqual(await listed({ tag: wanted.tag }), [])
    assert.deepEqual(await listed({ resourceId: update.resourceId }), [item.id])
    await assertResult(firstUser, { score: 11, maximum: 12, comment })
  })

  await step('a replaced line item stays bound to its resource link', async () => {
    const answer = await grades.updateLineItemById(launch, bound.id, { label: 'Still bound', scoreMaximum: 6 })
    assertLineItem(answer, { label: 'Still bound', scoreMaximum: 6, resourceLinkId: demo.resource_link_id })
  })

  await step('deletes a line item, and it is gone', async () => {
    await grades.deleteLineItemById(launch, item.id)
    await refused(grades.getLineItemById(launch, item.id), 404)
    await refused(results(), 404)
    await refused(submit({ scoreGiven: 1, scoreMaximum: 6 }), 404)
    await refused(grades.updateLineItemById(launch, item.id, { label: 'Back', scoreMaximum: 6 }), 404)
    await refused(grades.deleteLineItemById(launch, item.id), 404)
    assert.deepEqual(await listed({ id: item.id }), [])
  })

  await step('leaves nothing behind', async () => {
    for (const id of cleanUp.filter(id => id !== item.id)) await grades.deleteLineItemById(launch, id)
    assert.deepEqual((await listed()).filter(id => cleanUp.includes(id)), [])
  })
  await lti.close({ silent: true })
}

await main(drive)
