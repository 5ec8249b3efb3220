    let lane = local;
    let first = group.x;
    let step = groups.x;
