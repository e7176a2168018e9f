# One image for every service of docker-compose.yaml: the three environments, each from its lock, at
# the places they have in a checkout.
FROM python:3.11-slim-bookworm AS uv
WORKDIR /opt/churn
ENV DO_NOT_TRACK=true PIP_NO_CACHE_DIR=1 UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
COPY requirements requirements
RUN python -m venv .uv && .uv/bin/pip install --require-hashes -r requirements/uv.txt

FROM uv AS pipeline
RUN .uv/bin/uv venv .venv && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv/bin/python -r requirements/dev.txt
# The package itself stays where it is and is linked, as in a checkout.
COPY pyproject.toml README.md ./
COPY pipelines pipelines
RUN .uv/bin/uv pip install --no-deps --no-build-isolation --python .venv/bin/python --editable .

FROM uv AS airflow
RUN .uv/bin/uv venv .venv-airflow && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv-airflow/bin/python -r requirements/airflow.txt

FROM uv AS alibi
RUN .uv/bin/uv venv .venv-alibi && .uv/bin/uv pip install --compile-bytecode --require-hashes \
      --python .venv-alibi/bin/python -r requirements/alibi.txt

FROM python:3.11-slim-bookworm
WORKDIR /opt/churn
RUN useradd --system --uid 10001 --home-dir /var/lib/churn churn \
    && install -d -o churn -g churn -m 0700 /var/lib/churn/airflow /var/lib/churn/logs \
      /var/lib/churn/mlflow/artifacts \
    && chown churn:churn /var/lib/churn /var/lib/churn/mlflow
COPY --from=pipeline /opt/churn/.venv .venv
COPY --from=airflow /opt/churn/.venv-airflow .venv-airflow
COPY --from=alibi /opt/churn/.venv-alibi .venv-alibi
COPY churn.toml pyproject.toml ./
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations
COPY pipelines pipelines
COPY sql sql
ENV CHURN_HOME=/var/lib/churn \
    PATH=/opt/churn/.venv-airflow/bin:/opt/churn/.venv/bin:/usr/local/bin:/usr/bin:/bin
USER churn
