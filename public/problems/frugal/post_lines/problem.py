def generate(n, random):
    side = 2 * int(n**0.5) + 2
    places = random.sample(range(side * side), n)
    return ([list(divmod(place, side)) for place in places],)


def contract(posts):
    return len({tuple(post) for post in posts}) == len(posts)
