    let lane = 0u;
    let first = group.x * WG + local;
    let step = groups.x * WG;
