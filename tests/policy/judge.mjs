// Judges the calls that the proxy of tests/e2e lets through. Each line that comes in is a JSON object of policies and
// a request, as `evaluate` takes them. Each line that goes out is the verdict, or why there is none. It ends with its
// input.

import { createInterface } from 'node:readline'
import { evaluate } from './simulate.mjs'

for await (const line of createInterface({ input: process.stdin })) {
  const { policies, request } = JSON.parse(line)
  const answer = await evaluate(policies, request).then(
    (verdict) => ({ verdict }),
    (error) => ({ error: error.message }),
  )
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
