/** What is done with text where no model is configured: published methods, no pretence. */
@NullMarked
package io.agentmanager.models.extract;

import org.jspecify.annotations.NullMarked;
