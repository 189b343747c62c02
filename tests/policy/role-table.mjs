// The calls that the stack makes, with the roles that make them, and what nobody may do with any of its roles.

import { CONTRACT } from './stacks.mjs'
import { readTable } from './tables.mjs'

export const FUNCTIONS = CONTRACT.functions
export const OTHER_ROLES = ['schedule', 'forward', 'forward-admin', 'forward-exec']
export const ROLES = [...FUNCTIONS, ...OTHER_ROLES]

/** The functions that make a call, as the code says, some more than once. */
const callersOf = (action) =>
  Object.values(CONTRACT.triggers)
    .filter(({ calls }) => calls.includes(action))
    .map((trigger) => trigger.function)

const { calls, escalations } = await readTable('roles')

export const CALLS = calls.map(({ by, ...row }) => ({ ...row, by: rolesOf(by, row.action) }))

/** The roles of a column. `+ guard` stands for the guard beside the functions that make the call. */
function rolesOf(by, action) {
  const named = by.replace('functions', FUNCTIONS.join(' ')).split(' ').filter(Boolean)
  if (named[0] === '+') return [...callersOf(action), ...named.slice(1)]
  return named.length > 0 ? named : callersOf(action)
}

export const ESCALATIONS = escalations.map((row) => ({ ...row, by: [] }))
