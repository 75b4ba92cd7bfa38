/**
 * The share of a thread's busy time that a script had, 0 to 1, by a CPU profile of the DevTools protocol: of the samples whose
 * innermost function of any script is of that script. So what the browser does for it (reading a style, serializing)
 * is its own, and what it calls of others is theirs. Collecting garbage is nobody's.
 */
export function shareOf({ nodes, samples, timeDeltas }, url) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));

  function innermost(id) {
    let at = id;
    while (at !== undefined && !byId.get(at).callFrame.url) at = parents.get(at);
    return byId.get(at)?.callFrame.url;
  }

  let busy = 0;
  let own = 0;
  for (const [n, id] of samples.entries()) {
    // A delta is the time since the sample before, so a sample lasts for the delta of the next one.
    const micros = timeDeltas[n + 1] ?? 0;
    if (byId.get(id).callFrame.functionName !== '(idle)') busy += micros;
    if (innermost(id) === url) own += micros;
  }
  return busy && own / busy;
}
