"""The definitions of all dashboards."""
from source import blackbox, fleet, incidents, itself, slo, target

DASHBOARDS = [fleet.DASHBOARD, target.DASHBOARD, incidents.DASHBOARD, slo.DASHBOARD, itself.DASHBOARD, *blackbox.DASHBOARDS]
