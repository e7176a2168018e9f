import os, subprocess, sys, time, threading, pytest
@pytest.mark.timeout(3000)
def test_it(warehouse, server_home):
    env={**os.environ,"CHURN_DATABASE_URL":warehouse.url,"CHURN_PROJECT":"/tmp/bmem","CHURN_HOME":"/tmp/bhome","PYTHONPATH":"/tmp/wt/b"}
    for _ in range(int(os.environ.get("TIMES","2"))):
        t=time.time()
        p=subprocess.Popen([sys.executable,"-c",os.environ.get("PROF","from pipelines.cli.command import main; main()"),"import","big"],env=env,stdout=subprocess.PIPE,stderr=subprocess.STDOUT,text=True)
        peak=0
        def watch():
            global peak
        out=[]
        th=threading.Thread(target=lambda: out.append(p.stdout.read())); th.start()
        while p.poll() is None:
            try:
                for l in open(f"/proc/{p.pid}/status"):
                    if l.startswith("VmHWM"): peak=int(l.split()[1])
            except OSError: pass
            time.sleep(.2)
        th.join()
        print(p.returncode, out[0], "peak MB", peak/1024, "seconds", time.time()-t)
