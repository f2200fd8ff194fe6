// Drives a running service with @lti-tool/core, the library as its authors published it.
//
//     npm run drive -- demo.json
//
// The library gets one token for one scope before each call, sends no Accept with a body, and checks every answer
// against a schema: a date that is not in UTC, or a null, and the whole listing is refused. It has no paging and no
// filters. Its modules are made for a bundler, so tsx runs them. Exit status 1 at the first answer that is wrong.

import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { LTITool } from '@lti-tool/core'
import { RUN, SCOPES, assertLineItem, ids, main, step } from '../steps.mjs'

const CLAIM = 'https://purl.imsglobal.org/spec/lti/claim/'

async function keyPair (file) {
  const pem = readFileSync(file)
  const load = (format, key, use) => {
    const bytes = key.export({ format: 'der', type: format })
    return webcrypto.subtle.importKey(format, bytes, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, [use])
  }
  return {
    privateKey: await load('pkcs8', createPrivateKey(pem), 'sign'),
    publicKey: await load('spki', createPublicKey(pem), 'verify')
  }
}

/** What the library last logged of a failed call: its exceptions do not tell the status. */
let failure

/** The library over a storage that knows this one platform. */
async function setUp (demo) {
  const silent = () => {}
  return new LTITool({
    stateSecret: webcrypto.getRandomValues(new Uint8Array(32)),
    keyPair: await keyPair(demo.tool.private_key_pem_file),
    security: { keyId: demo.tool.kid },
    logger: { debug: silent, info: silent, warn: silent, error: entry => { failure = entry } },
    storage: {
      addSession: async session => session.id,
      getLaunchConfig: async (iss, clientId, deploymentId) => ({
        iss, clientId, deploymentId, authUrl: demo.issuer, tokenUrl: demo.token_url, jwksUrl: demo.jwks_url
      })
    }
  })
}

/** The session that the library makes of a launch whose signature it has verified. */
const launch = (tool, demo, endpoint) => tool.createSession({
  iss: demo.issuer,
  aud: demo.tool.client_id,
  sub: demo.users[0],
  [`${CLAIM}deployment_id`]: '1',
  [`${CLAIM}target_link_uri`]: demo.issuer,
  [`${CLAIM}resource_link`]: { id: demo.resource_link_id },
  'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint': { scope: SCOPES, ...endpoint }
})

async function drive (demo) {
  const tool = await setUp(demo)
  const launched = await launch(tool, demo, { lineitems: demo.lineitems_url, lineitem: demo.lineitem_url })
  const [firstUser, secondUser] = demo.users

  /** The session as if the launch had named this line item: the library has no other way to address one. */
  const of = (lineitem, session = launched) =>
    ({ ...session, services: { ags: { ...session.services.ags, lineitem } } })
  const listed = async (query = '') => {
    const lineitems = demo.lineitems_url + query
    return tool.listLineItems({ ...launched, services: { ags: { ...launched.services.ags, lineitems } } })
  }

  /** Asserts that the call is answered with this status and this kind of problem. */
  async function refused (call, status, kind) {
    failure = undefined
    await assert.rejects(call)
    assert.equal(failure?.status, status)
    assert.equal(failure.error.type.split(':').at(-1), kind)
  }

  await step('reads the line item that the launch names', async () => {
    const item = await tool.getLineItem(launched)
    assert.equal(item.id, demo.lineitem_url)
    assert.equal(item.resourceLinkId, demo.resource_link_id)
  })

  // The library's schema has dates in UTC only; what it sends it does not check.
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
    item = await tool.createLineItem(launched, wanted)
    assert(item.id.startsWith(`${demo.lineitems_url}/`), item.id)
    assertLineItem(item, wanted)
    assert.deepEqual(await tool.getLineItem(of(item.id)), item)
  })

  let bound
  await step('creates a line item bound to the resource link', async () => {
    const expected = { label: 'Bound', scoreMaximum: 0.5, resourceLinkId: launched.resourceLink.id }
    bound = await tool.createLineItem(launched, expected)
    assertLineItem(bound, expected)
    assert.deepEqual(await tool.getLineItem(of(bound.id)), bound)
  })

  await step('lists every line item, with what was answered on creation', async () => {
    const all = await listed()
    assert.equal(new Set(ids(all)).size, all.length, 'no line item twice')
    for (const made of [item, bound]) assert.deepEqual(all.find(each => each.id === made.id), made)
    assert(ids(all).includes(demo.lineitem_url))
  })

  await step('lists by a query that the container URL brings along', async () => {
    const query = members => `?${new URLSearchParams(members)}`
    assert.deepEqual(await listed(query({ tag: wanted.tag, limit: 1000 })), [item])
    assert.deepEqual(await listed(query({ tag: wanted.tag, resource_id: wanted.resourceId })), [item])
    assert.deepEqual(await listed(query({ tag: wanted.tag, resource_link_id: demo.resource_link_id })), [])
  })

  const results = (id = item.id) => tool.getScores(of(id))
  const submit = (score, id = item.id) =>
    tool.submitScore(of(id), { activityProgress: 'Completed', gradingProgress: 'FullyGraded', ...score })
  /** All results of the item, as `[score, comment]` by user. */
  async function assertResults (expected, { maximum = 6, id = item.id } = {}) {
    const rows = await results(id)
    assert.deepEqual(Object.fromEntries(rows.map(row => [row.userId, [row.resultScore, row.comment]])), expected)
    assert.equal(rows.length, Object.keys(expected).length, 'one result for each user')
    assert.equal(new Set(ids(rows)).size, rows.length, 'ids of their own')
    for (const row of rows) assert.deepEqual([row.scoreOf, row.resultMaximum], [id, maximum])
  }

  await step('has no results before the first score', () => assertResults({}))

  const comment = 'Sehr schön, Zoë! 5½ Punkte – 頑張って 🎉'
  for (const [what, score, expected] of [
    ['0 of 6', { scoreGiven: 0, scoreMaximum: 6 }, [0, undefined]],
    ['1 of 3 on a line item of 6', { scoreGiven: 1, scoreMaximum: 3, comment: 'a middle value' }, [2, 'a middle value']],
    ['7.5 of 6, extra credit', { scoreGiven: 7.5, scoreMaximum: 6 }, [7.5, undefined]],
    ['5.5 of 6 with a comment in several scripts', { scoreGiven: 5.5, scoreMaximum: 6, comment }, [5.5, comment]]
  ]) {
    await step(`posts ${what} and reads it back`, async () => {
      await submit({ userId: firstUser, ...score })
      await assertResults({ [firstUser]: expected })
    })
  }

  await step('posts for a second user, with the time of the grading', async () => {
    await submit({ userId: secondUser, scoreGiven: 3, scoreMaximum: 6, timestamp: new Date().toISOString() })
    await assertResults({ [firstUser]: [5.5, comment], [secondUser]: [3, undefined] })
  })

  await step('is told that a score is older than the last one, which stays', async () => {
    const timestamp = new Date(Date.now() - 3_600_000).toISOString()
    await refused(submit({ userId: secondUser, scoreGiven: 1, scoreMaximum: 6, timestamp }), 409, 'stale-score')
    await assertResults({ [firstUser]: [5.5, comment], [secondUser]: [3, undefined] })
  })

  await step('a score that waits for a person to grade it is no result yet', async () => {
    const pending = { activityProgress: 'Submitted', gradingProgress: 'PendingManual' }
    await submit({ userId: firstUser, scoreGiven: 1, scoreMaximum: 6, comment: 'provisional', ...pending }, bound.id)
    await assertResults({}, { id: bound.id })
  })

  await step('replaces a line item, and its results follow the new maximum', async () => {
    const update = { label: 'Replaced', scoreMaximum: 12, resourceId: `Replaced ${RUN}` }
    const answer = await tool.updateLineItem(of(item.id), update)
    assertLineItem(answer, { ...update, id: item.id })
    assert.deepEqual(await tool.getLineItem(of(item.id)), answer)
    await assertResults({ [firstUser]: [11, comment], [secondUser]: [6, undefined] }, { maximum: 12 })
  })

  await step('a replaced line item stays bound to its resource link', async () => {
    const answer = await tool.updateLineItem(of(bound.id), { label: 'Still bound', scoreMaximum: 6 })
    assertLineItem(answer, { label: 'Still bound', scoreMaximum: 6, resourceLinkId: demo.resource_link_id })
  })

  await step('grades in a second context, which knows nothing of the first', async () => {
    const { lineitems_url: lineitems, lineitem_url: lineitem } = demo.second_context
    const elsewhere = await launch(tool, demo, { lineitems, lineitem })
    const { scoreMaximum: maximum } = await tool.getLineItem(elsewhere)
    assert.deepEqual(ids(await tool.listLineItems(elsewhere)).filter(id => [item.id, bound.id].includes(id)), [])
    await submit({ userId: secondUser, scoreGiven: 1, scoreMaximum: 4 }, lineitem)
    const row = (await results(lineitem)).find(row => row.userId === secondUser)
    assert.deepEqual([row.resultScore, row.resultMaximum], [maximum / 4, maximum])
  })

  await step('deletes its line items, and they are gone', async () => {
    for (const id of [item.id, bound.id]) {
      await tool.deleteLineItem(of(id))
      await refused(tool.getLineItem(of(id)), 404, 'not-found')
      await refused(results(id), 404, 'not-found')
      await refused(submit({ userId: firstUser, scoreGiven: 1, scoreMaximum: 6 }, id), 404, 'not-found')
      await refused(tool.updateLineItem(of(id), { label: 'Back', scoreMaximum: 6 }), 404, 'not-found')
      await refused(tool.deleteLineItem(of(id)), 404, 'not-found')
    }
    assert.deepEqual(ids(await listed()).filter(id => [item.id, bound.id].includes(id)), [])
  })
}

await main(drive)
