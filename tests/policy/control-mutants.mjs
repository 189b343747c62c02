// Spoils the service control policy in every single way that would matter, one at a time.

/**
 * Each change in words, to be read after "the document", with the document that it makes, and `concerns`, which
 * tells the cases whose verdict it could change from those that need no look.
 */
export function controlMutants(document, stack) {
  return document.Statement.flatMap((statement, index) => {
    const changed = (change, edit, concerns = () => true) => {
      const mutant = structuredClone(document)
      edit(mutant.Statement[index], mutant)
      return {
        change: `${change} in ${statement.Sid}`,
        mutant,
        // No change adds an action.
        concerns: (one) => takes(statement.Action, one.request.action) && concerns(one),
      }
    }
    return [
      changed('loses all that is', (_, mutant) => mutant.Statement.splice(index, 1)),
      changed('has no condition', (spoilt) => delete spoilt.Condition),
      ...otherList(statement.Action, changed, (spoilt) => [spoilt, 'Action'], stack),
      ...otherList(statement.Resource, changed, (spoilt) => [spoilt, 'Resource'], stack),
      ...Object.entries(statement.Condition).flatMap(([operator, keys]) => [
        changed(`loses ${operator}`, (spoilt) => delete spoilt.Condition[operator]),
        ...otherOperators(operator, changed),
        ...Object.entries(keys).flatMap(([key, values]) =>
          otherList(values, changed, (spoilt) => [spoilt.Condition[operator], key], stack),
        ),
      ]),
      ...otherCallers(statement.Condition.ArnNotLike, changed, stack),
    ]
  })
}

/** Whether one of the actions is meant. */
function takes(actions, action) {
  const matches = (entry) => (entry.endsWith('*') ? action.startsWith(entry.slice(0, -1)) : action === entry)
  return [actions].flat().some(matches)
}

/** Each entry lost, tied to one partition, or opened to names that end alike. */
function otherList(values, changed, at, stack) {
  const list = [values].flat()
  return list.flatMap((entry, index) => {
    const edited = (change, edit, concerns) =>
      changed(change, (spoilt) => {
        const [holder, key] = at(spoilt)
        holder[key] = edit([holder[key]].flat())
      }, concerns)
    const replaced = (by) => (entries) => entries.map((old, place) => (place === index ? by : old))
    const lost = (entries) => entries.filter((_, place) => place !== index)
    const ofThisAction = (one) => takes(entry, one.request.action)
    const isAction = /^[a-z]+:[A-Z]/.test(entry)
    const loosened = entry.replace(new RegExp(`(${stack}|break-glass)(?!:)`), '*$1')
    const narrowed = entry.replace('arn:*:', 'arn:aws:')
    return [
      ...(list.length > 1 ? [edited(`loses ${entry}`, lost, isAction ? ofThisAction : undefined)] : []),
      ...(narrowed === entry ? [] : [edited(`names one partition for ${entry}`, replaced(narrowed))]),
      ...(loosened === entry ? [] : [edited(`takes ${loosened}`, replaced(loosened))]),
    ]
  })
}

function otherOperators(operator, changed) {
  const others = {
    ArnLike: ['ArnNotLike'],
    // As text, a colon in a path would look like the end of a part of the ARN.
    ArnNotLike: ['ArnLike', 'StringNotLike'],
    'ForAnyValue:StringEqualsIgnoreCase': ['ForAnyValue:StringEquals', 'ForAllValues:StringEqualsIgnoreCase'],
  }
  return others[operator].map((other) =>
    changed(`has ${other} for ${operator}`, ({ Condition }) => {
      Condition[other] = { ...Condition[other], ...Condition[operator] }
      delete Condition[operator]
    }),
  )
}

/** Callers whom it would not mind any more. */
function otherCallers({ 'aws:PrincipalArn': callers }, changed, stack) {
  const more = [
    'arn:*:iam::*:role/*',
    'arn:*:iam::*:user/*',
    'arn:*:iam::*:root',
    'arn:*:sts::*:federated-user/*',
    'arn:*:iam::*:role/administrators',
    'arn:*:iam::*:role/OrganizationAccountAccessRole',
    'arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*',
    'arn:*:iam::*:role/stacksets-exec-*',
    ...callers.filter((caller) => !caller.endsWith('*')).map((caller) => `${caller}*`),
    `arn:*:iam::*:user/${stack}-*`,
  ]
  return more.map((caller) =>
    changed(`does not mind ${caller}`, (spoilt) => spoilt.Condition.ArnNotLike['aws:PrincipalArn'].push(caller)),
  )
}
