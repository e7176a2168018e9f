"""The Open Inference Protocol: the models in service, as clients of any model server ask them."""
