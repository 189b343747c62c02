// Spoils a policy in every single way that would matter, one at a time.

const LISTS = ['Action', 'NotAction', 'Resource', 'NotResource']
const OTHER_OPERATORS = {
  Bool: ['BoolIfExists'],
  BoolIfExists: ['Bool'],
  ArnLike: ['ArnNotLike'],
  // As text, a colon in a path would look like the end of a part of the ARN.
  ArnNotLike: ['ArnLike', 'StringNotLike'],
  'ForAllValues:StringEquals': ['ForAnyValue:StringEquals'],
  'ForAnyValue:StringEqualsIgnoreCase': ['ForAnyValue:StringEquals', 'ForAllValues:StringEqualsIgnoreCase'],
}

/**
 * Each change in words, to be read after the name of the policy, with the mutant and a function that tells which
 * requests could notice.
 *
 * `replacements` are pairs of a pattern and what replaces it, in lists and in the values of conditions. `additions`
 * are values to add, by the name of a list or of a condition key.
 */
export function mutants(policy, { replacements = [], additions = {} } = {}) {
  return policy.Statement.flatMap((statement, index) => {
    const name = statement.Sid ?? `statement ${index + 1}`
    return changes(statement, { replacements, additions }).map(({ change, edited, before, after }) => ({
      change: change.replace('IT', name),
      mutant: { ...policy, Statement: policy.Statement.toSpliced(index, 1, ...(edited ? [edited] : [])) },
      concerns: whatConcerns([statement, edited ?? statement], before, after),
    }))
  })
}

function changes(statement, kinds) {
  const found = [{ change: 'loses IT' }]
  for (const list of LISTS.filter((list) => list in statement)) {
    for (const { change, values, ...rest } of otherLists(list, statement[list], kinds)) {
      found.push({ change: `${change} in ${list} of IT`, edited: { ...statement, [list]: values }, ...rest })
    }
  }
  if (statement.Principal && statement.Principal !== '*') {
    found.push({ change: 'takes every principal in IT', edited: { ...statement, Principal: '*' } })
  }
  // The policy of a resource is about that resource only.
  if (!statement.Principal) found.push(...otherResources(statement))
  return [...found, ...(statement.Condition ? otherConditions(statement, kinds) : [])]
}

/** One value lost, replaced, or added. */
function otherLists(name, list, { replacements, additions }) {
  const values = [list].flat()
  const services = name === 'Action' ? new Set(values.map((action) => action.split(':')[0])) : new Set()
  services.delete('*')
  const added = [...(additions[name] ?? []), ...[...services].map((service) => `${service}:*`)]
  return [
    // A list that loses its only value is gone, which is a change of its own.
    ...(values.length > 1 ? values : []).map((value) => ({
      change: `loses ${value}`,
      values: values.filter((other) => other !== value),
      before: value,
    })),
    ...values.flatMap((value) =>
      replacements
        .map(([pattern, by]) => value.replace(pattern, by))
        .filter((other) => other !== value)
        .map((other) => ({
          change: `has ${other} instead of ${value}`,
          values: values.map((one) => (one === value ? other : one)),
          before: value,
          after: other,
        })),
    ),
    ...added
      .filter((value) => !values.includes(value))
      .map((value) => ({ change: `adds ${value}`, values: [...values, value], after: value })),
  ]
}

function otherResources({ Resource, NotResource, ...rest }) {
  const resources = [Resource ?? NotResource ?? '*'].flat()
  // Actions on users and devices take no other resource than these.
  if (resources.every((one) => /^\*$|:user\/\*$|:mfa\/\*$/.test(one))) return []
  return [{ change: 'takes every resource in IT', edited: { ...rest, Resource: '*' } }]
}

function otherConditions({ Condition, ...rest }, kinds) {
  const withCondition = (condition) => ({ ...rest, Condition: condition })
  const changed = Object.entries(Condition).flatMap(([operator, keys]) => {
    const { [operator]: _, ...others } = Condition
    return Object.entries(keys).flatMap(([key, list]) => {
      const { [key]: __, ...otherKeys } = keys
      const several = Object.keys(otherKeys).length > 0
      const which = several ? ` for ${key}` : ''
      const without = several ? { ...Condition, [operator]: otherKeys } : others
      return [
        { change: `has no ${operator}${which} in IT`, edited: withCondition(without) },
        ...(OTHER_OPERATORS[operator] ?? []).map((other) => ({
          change: `has ${other} instead of ${operator}${which} in IT`,
          edited: withCondition({ ...without, [other]: { ...without[other], [key]: list } }),
        })),
        ...otherLists(key, list, kinds).map(({ change, values, ...tell }) => ({
          change: `${change} in ${key} of IT`,
          edited: withCondition({ ...Condition, [operator]: { ...keys, [key]: values } }),
          ...tell,
        })),
      ]
    })
  })
  return [{ change: 'has no condition in IT', edited: rest }, ...changed]
}

/** A function that tells whether a request could notice that a statement became another. */
function whatConcerns(statements, before, after) {
  const patterns = statements.flatMap(({ Action = '*' }) => Action)
  // Thousands of requests have some dozens of actions, and of values.
  const isMeant = remembered((action) => patterns.some((pattern) => matches(pattern, action)))
  // Without a pattern, or where only variables differ, any could notice.
  if (asGlob(before) === asGlob(after)) return ({ action }) => isMeant(action)
  const differs = remembered((value) => matches(before, value) !== matches(after, value))
  return (request) => isMeant(request.action) && textsOf(request).some(differs)
}

/** The same function, which is asked once for each value. */
function remembered(tell) {
  const known = new Map()
  return (value) => {
    if (!known.has(value)) known.set(value, tell(value))
    return known.get(value)
  }
}

const texts = new WeakMap()

/** All that patterns are compared with. */
function textsOf(request) {
  if (!texts.has(request)) {
    const { action, resource, context } = request
    texts.set(request, [action, resource, ...Object.values(context).flat()])
  }
  return texts.get(request)
}

/** A pattern with variables opened: any value could take their place. */
const asGlob = (pattern) => pattern?.replace(/\$\{[^}]*\}/g, '*').replace(/\*+/g, '*')

const compiled = new Map()

function matches(pattern, value) {
  if (pattern === undefined) return false
  if (!compiled.has(pattern)) {
    const escaped = asGlob(pattern).replace(/[.+^$(){}|[\]\\]/g, '\\$&')
    compiled.set(pattern, new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`))
  }
  return compiled.get(pattern).test(value)
}
