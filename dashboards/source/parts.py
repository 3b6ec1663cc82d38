"""What dashboards are made of: panels with everything that Grafana wants to be told of them, variables, links, and the grid."""
import re

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
GRID_WIDTH = 24
STATUS_PAGE = "http://127.0.0.1:9115"  # `lookout dashboards` puts the real one in its place

GREEN, ORANGE, RED, BLUE, GREY = "green", "orange", "red", "blue", "#8e8e8e"
PLAIN = [(None, "text")]
GOOD_FROM_1 = [(None, RED), (1, GREEN)]
BAD_FROM_1 = [(None, GREEN), (1, RED)]
WATCH_FROM_1 = [(None, GREEN), (1, ORANGE)]
SHARE_OF_TIME = [(None, RED), (0.99, ORANGE), (0.999, GREEN)]
DAYS_LEFT = [(None, RED), (7 * 86400, ORANGE), (30 * 86400, GREEN)]
STATES = {"0": ("Down", RED), "1": ("Unknown", GREY), "2": ("Degraded", ORANGE), "3": ("Up", GREEN)}
SUCCESS = {"0": ("Failed", RED), "1": ("Ok", GREEN)}
YES_NO = {"0": ("No", GREEN), "1": ("Yes", ORANGE)}

# Rows of tables and series of graphs lead to the target's own dashboard and to Lookout's page of it.
TO_TARGET = "/d/lookout-target?var-target={name}&${{datasource:queryparam}}&${{job:queryparam}}&${{__url_time_range}}"
TO_PAGE = "${{status_page}}/targets/{name}"
TO_INCIDENTS = "${{status_page}}/incidents?target={name}"


def to_target(name):
    return [{"title": "Dashboard of the target", "url": TO_TARGET.format(name=name), "targetBlank": False},
            {"title": "Status page of the target", "url": TO_PAGE.format(name=name), "targetBlank": True},
            {"title": "Incidents of the target", "url": TO_INCIDENTS.format(name=name), "targetBlank": True}]


OF_SERIES = to_target("${__field.labels.target:percentencode}")
OF_ROW = to_target("${__data.fields.Target:percentencode}")


def state(selection):
    """The state of each target as a number that STATES puts into words."""
    is_in = "sum without (state) (lookout_target_state{%s, state=\"%s\"})"
    return f"3 * {is_in % (selection, 'up')} + 2 * {is_in % (selection, 'degraded')} + {is_in % (selection, 'unknown')}"


def mappings(words):
    return [{"type": "value", "options": {value: {"text": text, "color": colour, "index": index}
                                          for index, (value, (text, colour)) in enumerate(words.items())}}] if words else []


def thresholds(steps):
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for value, colour in steps]}


def defaults(unit, steps, words, links, mode="thresholds", **more):
    settings = {"color": {"mode": mode}, "mappings": mappings(words), "thresholds": thresholds(steps), "unit": unit, **more}
    return settings | ({"links": links} if links else {})


def override(matcher, name, **properties):
    """`properties` with `__` for the dots in their names."""
    return {"matcher": {"id": matcher, "options": name},
            "properties": [{"id": key.replace("__", "."), "value": value} for key, value in properties.items()]}


def colours(by_name):
    return [override("byName", name, color={"mode": "fixed", "fixedColor": colour}) for name, colour in by_name.items()]


def target(expression, ref, legend=None, instant=False, form="time_series"):
    query = {"datasource": DATASOURCE, "editorMode": "code", "expr": expression, "format": form, "instant": instant, "range": not instant, "refId": ref}
    return query | ({"legendFormat": legend} if legend else {})


def targets(queries, **options):
    """Of one expression, or of several with their legends."""
    if isinstance(queries, str):
        return [target(queries, "A", **options)]
    return [target(expression, chr(ord("A") + number), legend, **options) for number, (legend, expression) in enumerate(queries.items())]


def panel(kind, title, description, queries, settings, options, overrides=(), width=8, height=8):
    return {"type": kind, "title": title, "description": description, "datasource": DATASOURCE, "gridPos": {"w": width, "h": height},
            "fieldConfig": {"defaults": settings, "overrides": list(overrides)}, "options": options, "targets": queries}


def stat(title, description, queries, unit="short", steps=PLAIN, words=None, width=4, height=4, links=None, legend=None, text="auto",
         background=False, overrides=(), **more):
    options = {"colorMode": "background" if background else "value" if steps != PLAIN or words or overrides else "none", "graphMode": "none",
               "justifyMode": "auto", "orientation": "auto", "textMode": text, "wideLayout": True,
               "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    found = targets(queries, instant=True)
    if legend:
        found[0]["legendFormat"] = legend
    return panel("stat", title, description, found, defaults(unit, steps, words, links, noValue="–", **more), options, overrides, width, height)


def graph(title, description, queries, unit="s", stacked=False, bars=False, steps=None, links=None, overrides=(), width=12, height=8,
          calcs=("mean", "max"), least_step=None, **more):
    custom = {"drawStyle": "bars" if bars else "line", "lineInterpolation": "linear", "lineWidth": 1,
              "fillOpacity": 60 if bars else 30 if stacked else 8, "showPoints": "never", "spanNulls": False,
              "stacking": {"group": "A", "mode": "normal" if stacked else "none"},
              "thresholdsStyle": {"mode": "dashed" if steps else "off"}}
    options = {"legend": {"calcs": list(calcs), "displayMode": "table" if calcs else "list", "placement": "bottom", "showLegend": True},
               "tooltip": {"mode": "multi", "sort": "desc"}}
    settings = defaults(unit, steps or PLAIN, None, links, "palette-classic", **{"min": 0, "custom": custom, **more})
    made = panel("timeseries", title, description, targets(queries), settings, options, overrides, width, height)
    return made | ({"interval": least_step} if least_step else {})


def timeline(title, description, queries, words, width=24, height=8, links=None):
    options = {"alignValue": "left", "mergeValues": True, "rowHeight": 0.85, "showValue": "auto",
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False}, "tooltip": {"mode": "single", "sort": "none"}}
    custom = {"fillOpacity": 75, "lineWidth": 0, "spanNulls": False}
    settings = defaults("none", PLAIN, words, links, custom=custom)
    return panel("state-timeline", title, description, targets(queries), settings, options, (), width, height)


def heatmap(title, description, expression, width=12, height=8):
    options = {"calculate": False, "cellGap": 1, "cellValues": {"unit": "cps"}, "rowsFrame": {"layout": "auto"}, "legend": {"show": True},
               "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64, "exponent": 0.5, "fill": "dark-orange", "reverse": False},
               "filterValues": {"le": 1e-9}, "tooltip": {"mode": "single", "showColorScale": False, "yHistogram": False},
               "yAxis": {"axisPlacement": "left", "reverse": False, "unit": "s"}}
    queries = [target(expression, "A", "{{le}}", form="heatmap")]
    return panel("heatmap", title, description, queries, defaults("cps", PLAIN, None, None), options, (), width, height)


def table(title, description, columns, by, links_on=None, links=None, width=24, height=9, sort=None, descending=False):
    """One row for each of the labels `by`, which map to the heads of their columns. A column is its head, its expression and
    what is to be said of its values; without anything, it only makes rows."""
    refs = [chr(ord("A") + number) for number in range(len(columns))]
    shown = {f"Value #{ref}" if len(columns) > 1 else "Value": (head, about) for ref, (head, _, about) in zip(refs, columns)}
    overrides = [override("byName", head, **about) for head, about in shown.values() if about]
    if links:
        overrides.append(override("byName", links_on, links=links))
    hidden = ["Time"] + [value for value, (head, _) in shown.items() if not head]
    organize = {"excludeByName": {name: True for name in hidden},
                "indexByName": {name: place for place, name in enumerate([*by, *shown])},
                "renameByName": {**by, **{value: head for value, (head, _) in shown.items() if head}}}
    made = panel("table", title, description, [target(expression, ref, instant=True, form="table") for ref, (_, expression, _) in zip(refs, columns)],
                 defaults("short", PLAIN, None, None, custom={"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}, noValue="–"),
                 {"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"]},
                  "sortBy": [{"displayName": sort, "desc": descending}] if sort else []}, overrides, width, height)
    merge = [{"id": "merge", "options": {}}] if len(columns) > 1 else []
    return made | {"transformations": [*merge, {"id": "organize", "options": organize}]}


def coloured(words=None, steps=None, **more):
    """A column whose cells have the colour of their value."""
    about = {"custom__cellOptions": {"type": "color-background", "mode": "basic"}, **more}
    return about | ({"mappings": mappings(words)} if words else {}) | ({"thresholds": thresholds(steps)} if steps else {})


def row(title):
    return {"type": "row", "title": title, "collapsed": False, "gridPos": {"w": GRID_WIDTH, "h": 1}, "panels": []}


def laid_out(panels):
    """From left to right, as text flows; a row begins anew. Panels beside one another should be of one height."""
    x = y = below = 0
    for number, each in enumerate(panels, 1):
        place = each["gridPos"]
        if x + place["w"] > GRID_WIDTH or each["type"] == "row":
            x, y = 0, below
        each["gridPos"] = {"x": x, "y": y, **place}
        x, below = x + place["w"], max(below, y + place["h"])
        yield {"id": number, **each}


def datasource_variable():
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "regex": "", "refresh": 1, "hide": 0, "multi": False,
            "includeAll": False, "skipUrlSync": False, "options": [], "current": {"selected": False, "text": "default", "value": "default"}}


def query_variable(name, selector, one=False):
    query = f"label_values({selector}, {name})"
    variable = {"name": name, "label": name.capitalize(), "type": "query", "datasource": DATASOURCE, "definition": query,
                "query": {"qryType": 1, "query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery"},
                "refresh": 2, "regex": "", "sort": 1, "hide": 0, "skipUrlSync": False, "options": [], "multi": not one, "includeAll": not one}
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return variable | ({"current": {}} if one else {"allValue": ".+", "current": everything})


def choice_variable(name, label, values, chosen):
    """Of values that stand in the dashboard, with what people read in their place."""
    options = [{"selected": value == chosen, "text": text, "value": value} for value, text in values.items()]
    return {"name": name, "label": label, "type": "custom", "query": ", ".join(f"{text} : {value}" for value, text in values.items()), "multi": False,
            "includeAll": False, "hide": 0, "skipUrlSync": False, "options": options, "current": {"selected": True, "text": values[chosen], "value": chosen}}


def status_page_variable():
    address = {"selected": True, "text": STATUS_PAGE, "value": STATUS_PAGE}
    return {"name": "status_page", "label": "Status page", "type": "textbox", "query": STATUS_PAGE, "hide": 0, "skipUrlSync": False, "options": [address],
            "current": address}


def annotation(name, colour, expression, title, tags="", enabled=True):
    return {"name": name, "datasource": DATASOURCE, "enable": enabled, "hide": False, "iconColor": colour, "expr": expression, "step": "",
            "titleFormat": title, "tagKeys": tags, "textFormat": ""}


BUILT_IN = {"builtIn": 1, "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": True, "iconColor": "rgba(0, 211, 255, 1)",
            "name": "Annotations & Alerts", "type": "dashboard"}


def links(tag, has_status_page):
    link = {"asDropdown": False, "icon": "external link", "includeVars": False, "keepTime": True, "tags": [], "targetBlank": False, "tooltip": "", "url": ""}
    found = [{**link, "type": "dashboards", "title": "Dashboards", "tags": [tag], "includeVars": True}]
    page = {**link, "type": "link", "title": "Status page", "url": "${status_page}/", "keepTime": False, "targetBlank": True, "tooltip": "Lookout's own pages"}
    return found + ([page] if has_status_page else [])


SELECTIONS = {"OF_INSTANCE": 'job=~"$job", instance=~"$instance"'}
SELECTIONS["OF_TARGETS"] = SELECTIONS["OF_INSTANCE"] + ', target=~"$target"'
SELECTIONS["OF_TARGET"] = SELECTIONS["OF_INSTANCE"] + ', target="$target"'
SELECTIONS["OF_PROBE"] = 'job=~"$job", instance="$instance"'


def written_out(value):
    """Definitions say {OF_TARGETS}, and dashboards what it stands for."""
    if isinstance(value, dict):
        return {key: written_out(each) for key, each in value.items()}
    if isinstance(value, list):
        return [written_out(each) for each in value]
    return re.sub(r"\{(OF_[A-Z]+)", lambda match: "{" + SELECTIONS[match[1]], value) if isinstance(value, str) else value


def dashboard(uid, title, description, tag, variables, panels, annotations=(), time="now-1h", refresh="10s"):
    variables = [datasource_variable(), *variables]
    has_status_page = any(each["name"] == "status_page" for each in variables)
    return written_out({
        "id": None, "uid": uid, "title": title, "description": description, "tags": [tag, "prometheus"], "schemaVersion": 39, "version": 1,
        "editable": False, "graphTooltip": 1, "fiscalYearStartMonth": 0, "liveNow": False, "weekStart": "", "refresh": refresh, "timezone": "browser",
        "time": {"from": time, "to": "now"}, "timepicker": {}, "links": links(tag, has_status_page),
        "annotations": {"list": [BUILT_IN, *annotations]}, "templating": {"list": variables}, "panels": list(laid_out(panels))})
