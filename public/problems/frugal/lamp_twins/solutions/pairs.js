function lamp_twins(periods) {
  let twins = 0;
  for (let later = 0; later < periods.length; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      if (periods[earlier] === periods[later]) twins++;
    }
  }
  return twins;
}
