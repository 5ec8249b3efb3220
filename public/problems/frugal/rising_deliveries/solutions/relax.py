def rising_deliveries(weights):
    chains = [1] * len(weights)
    changed = True
    while changed:
        changed = False
        for later in range(len(weights) - 1, -1, -1):
            for earlier in range(later):
                if weights[earlier] < weights[later] and chains[earlier] >= chains[later]:
                    chains[later] = chains[earlier] + 1
                    changed = True
    return max(chains, default=0)
