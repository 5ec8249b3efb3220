function nested_boxes(text) {
  let burden = 0;
  for (let place = 0; place < text.length; place++) {
    if (text[place] === "(" || text[place] === ")") continue;
    let boxes = 0;
    for (let before = 0; before < place; before++) {
      if (text[before] === "(") boxes++;
      else if (text[before] === ")") boxes--;
    }
    burden += boxes * Number(text[place]);
  }
  return burden;
}
