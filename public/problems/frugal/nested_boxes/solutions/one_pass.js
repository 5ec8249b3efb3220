function nested_boxes(text) {
  let burden = 0;
  let boxes = 0;
  for (const character of text) {
    if (character === "(") boxes++;
    else if (character === ")") boxes--;
    else burden += boxes * Number(character);
  }
  return burden;
}
