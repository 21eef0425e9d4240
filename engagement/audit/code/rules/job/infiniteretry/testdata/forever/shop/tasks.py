from celery import shared_task


@shared_task(bind=True, max_retries=None)  # want: job.infinite-retry
def sync(self):
    pass
