/** Reports: kept, published, shown. */
@NullMarked
package io.agentmanager.audit.report;

import org.jspecify.annotations.NullMarked;
