function long_strides(planks) {
  function ways(left, long) {
    if (left < 0 || long < 0) return 0;
    if (left === 0) return long === 0 ? 1 : 0;
    return ways(left - 1, long) + ways(left - 2, long - 1);
  }
  return ways(planks, 2);
}
