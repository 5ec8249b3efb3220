function mast_shadow(heights) {
  let total = 0;
  const stack = [];
  for (let mast = 0; mast < heights.length; mast++) {
    while (stack.length > 0 && heights[stack[stack.length - 1]] <= heights[mast]) stack.pop();
    if (stack.length > 0) total += mast - stack[stack.length - 1];
    stack.push(mast);
  }
  return total;
}
