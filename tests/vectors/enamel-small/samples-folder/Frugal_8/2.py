    return max(prices) - min(prices)
