def rising_deliveries(weights):
    chains = []
    for later in range(len(weights)):
        longest = 0
        for earlier in range(later):
            if chains[earlier] > longest and weights[earlier] < weights[later]:
                longest = chains[earlier]
        chains.append(longest + 1)
    return max(chains, default=0)
