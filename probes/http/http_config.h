// blackbox_exporter's `http:` block.
#pragma once
