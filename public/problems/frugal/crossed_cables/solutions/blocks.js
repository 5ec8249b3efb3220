function crossed_cables(landings) {
  const size = Math.floor(Math.sqrt(landings.length)) + 1;
  const taken = new Array(landings.length).fill(0);
  const blocks = new Array(Math.floor(landings.length / size) + 1).fill(0);
  let crossings = 0;
  for (const landing of landings) {
    const block = Math.floor(landing / size);
    for (let full = block + 1; full < blocks.length; full++) crossings += blocks[full];
    const end = Math.min((block + 1) * size, taken.length);
    for (let place = landing; place < end; place++) crossings += taken[place];
    taken[landing] = 1;
    blocks[block]++;
  }
  return crossings;
}
