/**
 * Makes the chat model that an operator's settings name, and asks its provider whether it is there.
 */
@NullMarked
package io.agentmanager.models.provider;

import org.jspecify.annotations.NullMarked;
