function long_strides(planks) {
  let before = [0, 0, 0];
  let now = [1, 0, 0];
  for (let plank = 0; plank < planks; plank++) {
    const [none, one, two] = now;
    [before, now] = [now, [none, one + before[0], two + before[1]]];
  }
  return now[2];
}
