// Spoils the policies of the roles in every single way that would matter, one at a time.

/** Changes that change nothing, and why. */
export const IDLE = {
  'assume-execution-role 1 is lost':
    'within an account it is enough that the execution role trusts this role; StackSets wants both',
  'assume-execution-role 1 takes all of sts': 'the execution role trusts this role with nothing but being assumed',
  'deploy-forward GiveTheRuleItsRole takes all of iam': 'no other action says which service a role is passed to',
  'ReadAndNotifyPolicy SubscribeMailOfUsers takes all of sns': 'no other action has a protocol',
}

/**
 * Each change in words, to be read after "when", with the roles that it makes.
 *
 * A policy that several roles share is spoilt for all of them at once, as it would be in the template.
 */
export function mutants(deployment) {
  return statements(deployment).flatMap(({ policy, index, statement }) => {
    const place = `${policy} ${statement.Sid ?? index + 1}`
    const changed = (change, edit) => ({ change, statement, mutant: spoilt(deployment, policy, index, edit) })
    return [
      changed(`${place} is lost`, () => undefined),
      ...otherActions(place, [statement.Action].flat(), changed),
      ...otherResources(place, statement, changed),
      ...(statement.Condition ? otherConditions(place, statement.Condition, changed) : []),
    ]
  })
}

/** Every statement of every policy once. */
function statements(deployment) {
  const found = new Map()
  for (const { arn, policies } of Object.values(deployment.roles)) {
    for (const { name, policy } of policies) {
      policy.Statement.forEach((statement, index) => {
        // Inline policies may have the same name in several roles, and are not the same.
        const key = JSON.stringify([name, policy])
        found.set(`${key} ${index}`, {
          policy: name === 'logs' ? `${arn.split('/').pop()}/logs` : name,
          key,
          index,
          statement,
        })
      })
    }
  }
  return [...found.values()]
}

function spoilt(deployment, policy, index, edit) {
  const roles = structuredClone(deployment.roles)
  for (const role of Object.values(roles)) {
    const own = role.policies.find(({ name }) => name === policy || `${role.arn.split('/').pop()}/${name}` === policy)
    if (!own) continue
    const statement = edit(own.policy.Statement[index])
    own.policy.Statement.splice(index, 1, ...(statement ? [statement] : []))
  }
  return { ...deployment, roles }
}

function otherActions(place, actions, changed) {
  const services = [...new Set(actions.map((action) => action.split(':')[0]))]
  // Without its only action a statement is lost, which is a change already.
  const fewer = actions.length > 1 ? actions : []
  return [
    ...fewer.map((action) =>
      changed(`${place} loses ${action}`, (spoilt) => ({
        ...spoilt,
        Action: actions.filter((other) => other !== action),
      })),
    ),
    ...services.map((service) =>
      changed(`${place} takes all of ${service}`, (spoilt) => ({ ...spoilt, Action: [...actions, `${service}:*`] })),
    ),
  ]
}

function otherResources(place, statement, changed) {
  if (statement.NotResource) {
    return [changed(`${place} takes every resource`, ({ NotResource, ...rest }) => ({ ...rest, Resource: '*' }))]
  }
  const resources = [statement.Resource].flat()
  // Actions that read the account take no other resource, and all users are all that actions on users take.
  if (resources.every((one) => one === '*' || one.endsWith(':user/*'))) return []
  return [changed(`${place} takes every resource`, (spoilt) => ({ ...spoilt, Resource: '*' }))]
}

function otherConditions(place, condition, changed) {
  return Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).flatMap(([key, values]) => {
      const put = (spoilt, replacement) => ({ ...spoilt, Condition: { ...spoilt.Condition, [operator]: replacement } })
      const one = `${operator} of ${key}`
      const changes = [changed(`${place} has no ${one}`, (spoilt) => put(spoilt, {}))]
      if (operator.startsWith('ForAllValues:')) {
        changes.push(
          changed(`${place} asks for any value of ${key}`, ({ Condition, ...rest }) => ({
            ...rest,
            Condition: {
              ...without(Condition, operator),
              [operator.replace('All', 'Any').replace('AnyValues', 'AnyValue')]: keys,
            },
          })),
        )
      }
      if (Array.isArray(values)) {
        values.forEach((value, at) =>
          changes.push(
            changed(`${place} loses ${value} from ${one}`, (spoilt) => put(spoilt, { [key]: values.toSpliced(at, 1) })),
          ),
        )
      }
      return changes
    }),
  )
}

function without(object, key) {
  return Object.fromEntries(Object.entries(object).filter(([other]) => other !== key))
}
