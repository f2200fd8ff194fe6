// What the drivers in JavaScript have in common: the steps that they print, and comparisons.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'

export const SCOPE = 'https://purl.imsglobal.org/spec/lti-ags/scope/'
export const SCOPES = ['lineitem', 'lineitem.readonly', 'result.readonly', 'score'].map(name => SCOPE + name)

// Every run makes its own tags and resource ids, so that runs against one service never meet.
export const RUN = `${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`

let passed = 0

/** One line of output. The first step that fails ends the run. */
export async function step (what, run) {
  try {
    await run()
  } catch (problem) {
    console.log(`FAIL  ${what}\n      ${problem.name}: ${problem.message}`)
    if (problem.response) {
      const { request, statusCode, body } = problem.response
      console.log(`      ${request.options.method} ${problem.response.url}: ${statusCode} ${body}`)
    } else if (problem.name !== 'AssertionError') console.log(problem.stack)
    console.log(`${passed} passed, 1 failed`)
    process.exit(1)
  }
  passed += 1
  console.log(`ok  ${what}`)
}

/** Runs `drive` on the demo file that the command line names. */
export async function main (drive) {
  if (process.argv.length !== 3) {
    console.error('usage: drive.mjs demo.json')
    process.exit(2)
  }
  await drive(JSON.parse(readFileSync(process.argv[2], 'utf8')))
  console.log(`${passed} passed, 0 failed`)
}

export const ids = items => items.map(item => item.id).sort()

/** Compares each member of `wanted`, dates as points in time. Absent members must be left out, not sent as null. */
export function assertLineItem (got, wanted) {
  const { startDateTime, endDateTime, ...others } = wanted
  for (const [name, value] of Object.entries(others)) assert.deepEqual(got[name], value, name)
  for (const [name, date] of Object.entries({ startDateTime, endDateTime })) {
    if (date === undefined) assert(!(name in got), `${name} was not sent, got ${got[name]}`)
    else assert.equal(Date.parse(got[name]), Date.parse(date), name)
  }
  for (const name of ['tag', 'resourceId', 'resourceLinkId']) {
    if (!(name in wanted)) assert(!(name in got), `${name} was not sent, got ${got[name]}`)
  }
  for (const [name, value] of Object.entries(got)) assert.notEqual(value, null, `${name} is null`)
}
