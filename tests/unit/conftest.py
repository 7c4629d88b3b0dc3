from hypothesis import HealthCheck, settings

# a loaded machine is no failure, and two runs of one tree find the same
settings.register_profile(
    "headrace", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
settings.load_profile("headrace")
