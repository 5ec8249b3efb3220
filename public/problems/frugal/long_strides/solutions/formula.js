function long_strides(planks) {
  const strides = planks - 2;
  return (strides * (strides - 1)) / 2;
}
